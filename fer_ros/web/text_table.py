"""Texts of the pages in one table: English, then German, Spanish, French and Japanese.

`#` is a placeholder for a number. Texts of nodes, models and errors are always in English.
"""

from __future__ import annotations

TABLE: dict[str, tuple[str, str, str, str]] = {
    # Expressions.
    'angry': ('wütend', 'enfado', 'colère', '怒り'),
    'disgust': ('Ekel', 'asco', 'dégoût', '嫌悪'),
    'fear': ('Angst', 'miedo', 'peur', '恐れ'),
    'happy': ('fröhlich', 'alegría', 'joie', '喜び'),
    'sad': ('traurig', 'tristeza', 'tristesse', '悲しみ'),
    'surprise': ('überrascht', 'sorpresa', 'surprise', '驚き'),
    'neutral': ('neutral', 'neutral', 'neutre', '無表情'),
    'uncertain': ('unsicher', 'incierto', 'incertain', '不確か'),
    # The top of the pages.
    'pages': ('Seiten', 'páginas', 'pages', 'ページ'),
    'Live': ('Live', 'En vivo', 'En direct', 'ライブ'),
    'Try a picture': ('Bild ausprobieren', 'Probar una imagen', 'Essayer une image', '画像を試す'),
    'Headset view': ('Headset-Ansicht', 'Vista para visor', 'Vue casque', 'ヘッドセット表示'),
    'language': ('Sprache', 'idioma', 'langue', '言語'),
    'no connection': ('keine Verbindung', 'sin conexión', 'pas de connexion', '接続なし'),
    'No connection.': (
        'Keine Verbindung.',
        'Sin conexión.',
        'Pas de connexion.',
        '接続がありません。',
    ),
    'no answer from the server for # s': (
        'seit # s keine Antwort vom Server',
        'sin respuesta del servidor desde hace # s',
        'pas de réponse du serveur depuis # s',
        'サーバーから # 秒間応答なし',
    ),
    # How the pipeline is.
    'waiting for the pipeline': (
        'wartet auf die Pipeline',
        'esperando la canalización',
        'attente du pipeline',
        'パイプラインを待機中',
    ),
    'searching for a face': (
        'sucht ein Gesicht',
        'buscando una cara',
        'recherche d’un visage',
        '顔を検索中',
    ),
    '# face in view': ('# Gesicht im Bild', '# cara a la vista', '# visage visible', '顔 # 件'),
    '# faces in view': (
        '# Gesichter im Bild',
        '# caras a la vista',
        '# visages visibles',
        '顔 # 件',
    ),
    'the pipeline has stopped': (
        'die Pipeline steht still',
        'la canalización se ha detenido',
        'le pipeline s’est arrêté',
        'パイプラインが停止しました',
    ),
    'results arrive too late': (
        'Ergebnisse kommen zu spät',
        'los resultados llegan tarde',
        'les résultats arrivent trop tard',
        '結果が遅れています',
    ),
    'the camera is off': (
        'die Kamera ist aus',
        'la cámara está apagada',
        'la caméra est éteinte',
        'カメラはオフです',
    ),
    'no results for # s': (
        'seit # s keine Ergebnisse',
        'sin resultados desde hace # s',
        'aucun résultat depuis # s',
        '# 秒間結果なし',
    ),
    'results # s late': (
        'Ergebnisse # s zu spät',
        'resultados con # s de retraso',
        'résultats en retard de # s',
        '結果が # 秒遅れ',
    ),
    '# s after the frame': (
        '# s nach dem Bild',
        '# s después de la imagen',
        '# s après l’image',
        '画像の # 秒後',
    ),
    'no images arrive: expressions only': (
        'keine Bilder: nur Ausdrücke',
        'sin imágenes: solo expresiones',
        'pas d’images : expressions seules',
        '画像なし：表情のみ',
    ),
    'no image for # s': (
        'seit # s kein Bild',
        'sin imagen desde hace # s',
        'pas d’image depuis # s',
        '# 秒間画像なし',
    ),
    # The live picture.
    'live image with the results': (
        'Livebild mit den Ergebnissen',
        'imagen en vivo con los resultados',
        'image en direct avec les résultats',
        '検出結果付きライブ画像',
    ),
    'paused at': ('angehalten um', 'detenida a las', 'figée à', '停止時刻'),
    'Resume': ('Weiter', 'Continuar', 'Continuer', '再開'),
    'Pause': ('Pause', 'Pausa', 'Pause', '一時停止'),
    'Snapshot': ('Schnappschuss', 'Captura', 'Capture', 'スナップショット'),
    'Full screen': ('Vollbild', 'Pantalla completa', 'Plein écran', '全画面'),
    'Leave full screen': (
        'Vollbild beenden',
        'Salir de pantalla completa',
        'Quitter le plein écran',
        '全画面を終了',
    ),
    'frames per second': (
        'Bilder je Sekunde',
        'imágenes por segundo',
        'images par seconde',
        '毎秒のフレーム数',
    ),
    'Number of frames per second in which faces were searched.': (
        'Bilder je Sekunde, in denen Gesichter gesucht wurden.',
        'Imágenes por segundo en las que se buscaron caras.',
        'Images par seconde dans lesquelles des visages ont été cherchés.',
        '1 秒間に顔を検索した画像の数。',
    ),
    'ms from capture to result': (
        'ms von Aufnahme bis Ergebnis',
        'ms de captura a resultado',
        'ms de la capture au résultat',
        '撮影から結果まで（ミリ秒）',
    ),
    'Median time from the capture of a frame to its result.': (
        'Zeit von der Aufnahme eines Bildes bis zum Ergebnis; die Hälfte braucht länger.',
        'Tiempo desde la captura de una imagen hasta su resultado; la mitad tarda más.',
        'Temps entre la capture d’une image et son résultat ; la moitié prend plus de temps.',
        '画像の撮影から結果が出るまでの時間。半数はこれより長くかかります。',
    ),
    'frames per second skipped for newer ones': (
        'Bilder je Sekunde, für neuere ausgelassen',
        'imágenes por segundo omitidas por otras más nuevas',
        'images par seconde sautées pour de plus récentes',
        '新しい画像のため毎秒省かれた数',
    ),
    (
        'If a newer frame arrives first, a waiting frame is dropped, so that you see the newest. '
        'This is normal.'
    ): (
        'Ein wartendes Bild wird verworfen, wenn vorher ein neueres eintrifft, damit Sie das '
        'neueste sehen. Das ist normal.',
        'Una imagen en espera se descarta si antes llega otra más nueva, para que vea la más '
        'reciente. Es normal.',
        'Une image en attente est abandonnée si une plus récente arrive avant, pour que vous '
        'voyiez la plus récente. C’est normal.',
        '最新の画像を表示するため、新しい画像が来ると待機中の画像は省かれます。正常な動作です。',
    ),
    # The people in view.
    'In view: apparent expressions': (
        'Im Bild: sichtbare Ausdrücke',
        'A la vista: expresiones aparentes',
        'Visibles : expressions apparentes',
        '画面内：見かけの表情',
    ),
    'person': ('Person', 'persona', 'personne', '人物'),
    'looks here': ('schaut her', 'mira hacia aquí', 'regarde ici', 'こちらを見ています'),
    'looks away': ('schaut weg', 'mira a otro lado', 'regarde ailleurs', 'よそを見ています'),
    'the head is turned to the robot': (
        'der Kopf ist dem Roboter zugewandt',
        'la cabeza está girada hacia el robot',
        'la tête est tournée vers le robot',
        '頭がロボットの方を向いています',
    ),
    'Searching for a face.': (
        'Sucht ein Gesicht.',
        'Buscando una cara.',
        'Recherche d’un visage.',
        '顔を検索中です。',
    ),
    'No results arrive.': (
        'Es kommen keine Ergebnisse.',
        'No llegan resultados.',
        'Aucun résultat n’arrive.',
        '結果がありません。',
    ),
    'What a face looks like to a model, not what a person feels.': (
        'Wie ein Gesicht für ein Modell aussieht, nicht was ein Mensch fühlt.',
        'Lo que una cara le parece a un modelo, no lo que siente una persona.',
        'Ce à quoi un visage ressemble pour un modèle, pas ce qu’une personne ressent.',
        'モデルから見た顔の様子であり、人の感情ではありません。',
    ),
    'What do the numbers mean?': (
        'Was bedeuten die Zahlen?',
        '¿Qué significan los números?',
        'Que signifient les nombres ?',
        '数値の意味',
    ),
    'percent': ('Prozent', 'porcentaje', 'pourcentage', 'パーセント'),
    (
        'How probable the model finds this expression for the face. The sum over all expressions '
        'is 100 %.'
    ): (
        'Wie wahrscheinlich das Modell diesen Ausdruck für das Gesicht hält. Alle Ausdrücke '
        'zusammen ergeben 100 %.',
        'Qué tan probable considera el modelo esta expresión para la cara. Todas suman 100 %.',
        'La probabilité de cette expression pour le visage selon le modèle. Le total est de '
        '100 %.',
        'モデルがこの顔をその表情とみなす確率。合計は 100 % です。',
    ),
    (
        'No expression is probable enough at the moment. A label with a question mark is the '
        'last label.'
    ): (
        'Zurzeit ist kein Ausdruck wahrscheinlich genug. Ein Wort mit Fragezeichen ist das '
        'letzte sichere Wort.',
        'Ninguna expresión es bastante probable en este momento. Una palabra con '
        'interrogación es la última segura.',
        'Aucune expression n’est assez probable en ce moment. Un mot avec point '
        'd’interrogation est le dernier mot sûr.',
        '現在、十分に確かな表情がありません。「?」付きの語は、最後に確かだった表情です。',
    ),
    'person 1': ('Person 1', 'persona 1', 'personne 1', '人物 1'),
    (
        'People are counted in the order in which they appear. A person who returns gets a new '
        'number, because people are not recognised.'
    ): (
        'Personen werden in der Reihenfolge nummeriert, in der sie erscheinen. Wer '
        'zurückkommt, erhält eine neue Nummer, weil niemand wiedererkannt wird.',
        'Las personas se numeran en el orden en que aparecen. Quien vuelve recibe un número '
        'nuevo, porque no se reconoce a nadie.',
        'Les personnes sont numérotées dans l’ordre d’apparition. Une personne qui revient '
        'reçoit un nouveau numéro, car personne n’est reconnu.',
        '人物は現れた順に番号が付きます。個人は識別されないため、戻ってきた人は新しい番号になります。',
    ),
    'letters next to it': ('Buchstaben daneben', 'letras al lado', 'lettres à côté', '横の文字'),
    'The id of the face in topics and in the API.': (
        'Die Kennung des Gesichts in Topics und in der API.',
        'El identificador de la cara en los topics y en la API.',
        'L’identifiant du visage dans les topics et dans l’API.',
        'トピックと API での顔の ID。',
    ),
    # Controls.
    'Controls': ('Einstellungen', 'Controles', 'Réglages', '操作'),
    'The camera is on.': (
        'Die Kamera ist an.',
        'La cámara está encendida.',
        'La caméra est allumée.',
        'カメラはオンです。',
    ),
    'The camera is off.': (
        'Die Kamera ist aus.',
        'La cámara está apagada.',
        'La caméra est éteinte.',
        'カメラはオフです。',
    ),
    'Turn it off': ('Ausschalten', 'Apagar', 'Éteindre', 'オフにする'),
    'Turn it on': ('Einschalten', 'Encender', 'Allumer', 'オンにする'),
    'Source': ('Quelle', 'Fuente', 'Source', 'ソース'),
    'Sensitivity': ('Empfindlichkeit', 'Sensibilidad', 'Sensibilité', '感度'),
    'How fast a label follows the face': (
        'Wie schnell ein Wort dem Gesicht folgt',
        'Con qué rapidez la palabra sigue a la cara',
        'À quelle vitesse le mot suit le visage',
        '表情への追従の速さ',
    ),
    'quick': ('schnell', 'rápido', 'rapide', '速い'),
    'calm': ('ruhig', 'tranquilo', 'calme', '穏やか'),
    'The current smoothing method does not use this time.': (
        'Das aktuelle Glättungsverfahren verwendet diese Zeit nicht.',
        'El método de suavizado actual no usa este tiempo.',
        'La méthode de lissage actuelle n’utilise pas cette durée.',
        '現在の平滑化方式では、この時間は使われません。',
    ),
    'How certain a label must be': (
        'Wie sicher ein Wort sein muss',
        'Cuánta certeza necesita una palabra',
        'Certitude nécessaire pour un mot',
        '表示に必要な確かさ',
    ),
    'always shows a label': (
        'zeigt immer ein Wort',
        'siempre muestra una palabra',
        'affiche toujours un mot',
        '常に表示',
    ),
    'only clear expressions': (
        'nur eindeutige Ausdrücke',
        'solo expresiones claras',
        'seulement les expressions nettes',
        '明確な表情のみ',
    ),
    'Reset': ('Zurücksetzen', 'Restablecer', 'Réinitialiser', 'リセット'),
    'Face detector': ('Gesichtsdetektor', 'Detector de caras', 'Détecteur de visages', '顔検出器'),
    'Changing …': ('Wird geändert …', 'Cambiando …', 'Modification …', '変更中…'),
    'Refused': ('Abgelehnt', 'Rechazado', 'Refusé', '拒否'),
    # Look back.
    'Look back': ('Rückblick', 'Mirar atrás', 'Retour en arrière', '振り返り'),
    'time to show': ('gezeigte Zeit', 'tiempo mostrado', 'durée affichée', '表示時間'),
    'min': ('min', 'min', 'min', '分'),
    'now': ('jetzt', 'ahora', 'maintenant', '現在'),
    'not in view': ('nicht im Bild', 'no está a la vista', 'pas visible', '画面外'),
    'No person was in view.': (
        'Niemand war im Bild.',
        'Nadie estuvo a la vista.',
        'Personne n’était visible.',
        '誰も映っていません。',
    ),
    'Point at a line, or use the arrow keys on it.': (
        'Zeigen Sie auf eine Zeile, oder benutzen Sie dort die Pfeiltasten.',
        'Señale una línea o use las flechas en ella.',
        'Pointez une ligne ou utilisez les flèches.',
        '線を指すか、矢印キーを使ってください。',
    ),
    'How long each expression was seen': (
        'Wie lange jeder Ausdruck zu sehen war',
        'Cuánto tiempo se vio cada expresión',
        'Durée de chaque expression',
        '各表情が見られた時間',
    ),
    'Events': ('Ereignisse', 'Eventos', 'Événements', 'イベント'),
    'Events (CSV)': ('Ereignisse (CSV)', 'Eventos (CSV)', 'Événements (CSV)', 'イベント (CSV)'),
    'Events (JSON)': (
        'Ereignisse (JSON)',
        'Eventos (JSON)',
        'Événements (JSON)',
        'イベント (JSON)',
    ),
    'latest events': (
        'neueste Ereignisse',
        'últimos eventos',
        'derniers événements',
        '最新イベント',
    ),
    'None yet.': ('Noch keine.', 'Ninguno aún.', 'Aucun pour l’instant.', 'まだありません。'),
    'appeared, looks': ('erschienen:', 'apareció:', 'apparu :', '出現：'),
    'left after # s': ('ging nach # s', 'se fue tras # s', 'parti après # s', '# 秒後に退場'),
    # Nodes.
    'Pipeline': ('Pipeline', 'Canalización', 'Pipeline', 'パイプライン'),
    'No node has reported yet.': (
        'Noch hat sich kein Knoten gemeldet.',
        'Ningún nodo ha informado todavía.',
        'Aucun nœud ne s’est encore signalé.',
        'ノードからの報告はまだありません。',
    ),
    'Results of the node per second.': (
        'Ergebnisse des Knotens je Sekunde.',
        'Resultados del nodo por segundo.',
        'Résultats du nœud par seconde.',
        'ノードの毎秒の結果数。',
    ),
    'Time from the capture of a frame until the node has processed it.': (
        'Zeit von der Aufnahme eines Bildes, bis der Knoten damit fertig ist.',
        'Tiempo desde la captura de una imagen hasta que el nodo termina con ella.',
        'Temps entre la capture d’une image et la fin de son traitement par le nœud.',
        '画像の撮影からノードの処理が終わるまでの時間。',
    ),
    'skipped': ('ausgelassen', 'omitidas', 'sautées', '省略'),
    'Frames per second that a newer frame replaced before the node could process them.': (
        'Bilder je Sekunde, die ein neueres ersetzte, bevor der Knoten sie verarbeiten konnte.',
        'Imágenes por segundo que otra más nueva sustituyó antes de que el nodo las procesara.',
        'Images par seconde remplacées par une plus récente avant que le nœud ne les traite.',
        'ノードが処理する前に新しい画像に置き換えられた、1 秒あたりの数。',
    ),
    # The model.
    'Model': ('Modell', 'Modelo', 'Modèle', 'モデル'),
    'Limits': ('Grenzen', 'Límites', 'Limites', '限界'),
    'The model card lists none.': (
        'Die Modellkarte nennt keine.',
        'La ficha del modelo no indica ninguno.',
        'La fiche du modèle n’en indique pas.',
        'モデルカードに記載なし。',
    ),
    'Apparent expressions': (
        'Sichtbare Ausdrücke',
        'Expresiones aparentes',
        'Expressions apparentes',
        '見かけの表情',
    ),
    'Accuracy': ('Genauigkeit', 'Exactitud', 'Exactitude', '正解率'),
    'Trained on': (
        'Trainiert mit',
        'Entrenado con',
        'Entraîné sur',
        '学習データ',
    ),
    'The model card does not say.': (
        'Die Modellkarte nennt sie nicht.',
        'La ficha del modelo no lo indica.',
        'La fiche du modèle ne l’indique pas.',
        'モデルカードに記載なし。',
    ),
    'Licence': ('Lizenz', 'Licencia', 'Licence', 'ライセンス'),
    'Close': ('Schließen', 'Cerrar', 'Fermer', '閉じる'),
    # Your own picture or video.
    'Drop a picture or a video here, or choose one': (
        'Ein Bild oder Video hier ablegen, oder auswählen',
        'Suelte aquí una imagen o un vídeo, o elija uno',
        'Déposez ici une image ou une vidéo, ou choisissez-en une',
        '画像か動画をここにドロップ、または選択',
    ),
    'It is sent only to this server, analysed, and not stored.': (
        'Die Datei wird nur an diesen Server gesendet, ausgewertet und nicht gespeichert.',
        'El archivo se envía solo a este servidor, se analiza y no se guarda.',
        'Le fichier est envoyé uniquement à ce serveur, analysé et non enregistré.',
        'ファイルはこのサーバーにのみ送られ、解析されますが、保存されません。',
    ),
    'Analysing the video': (
        'Das Video wird ausgewertet',
        'Analizando el vídeo',
        'Analyse de la vidéo',
        '動画を解析中',
    ),
    'Analysing the picture': (
        'Das Bild wird ausgewertet',
        'Analizando la imagen',
        'Analyse de l’image',
        '画像を解析中',
    ),
    'analysed frames': (
        'ausgewertete Bilder',
        'imágenes analizadas',
        'images analysées',
        '解析済みフレーム',
    ),
    'Stop': ('Anhalten', 'Detener', 'Arrêter', '停止'),
    'the video with the results': (
        'das Video mit den Ergebnissen',
        'el vídeo con los resultados',
        'la vidéo avec les résultats',
        '検出結果付き動画',
    ),
    'the picture with the results': (
        'das Bild mit den Ergebnissen',
        'la imagen con los resultados',
        'l’image avec les résultats',
        '検出結果付き画像',
    ),
    'Probabilities over time': (
        'Wahrscheinlichkeiten über die Zeit',
        'Probabilidades en el tiempo',
        'Probabilités au fil du temps',
        '確率の時間変化',
    ),
    'time line and probabilities of each person; the table has the numbers': (
        'Zeitlinie und Wahrscheinlichkeiten jeder Person; die Zahlen stehen in der Tabelle',
        'línea de tiempo y probabilidades de cada persona; la tabla tiene los números',
        'chronologie et probabilités de chaque personne ; le tableau contient les nombres',
        '各人物の時系列と確率。数値は表にあります',
    ),
    'No face was found.': (
        'Es wurde kein Gesicht gefunden.',
        'No se encontró ninguna cara.',
        'Aucun visage trouvé.',
        '顔が見つかりません。',
    ),
    'Faces': ('Gesichter', 'Caras', 'Visages', '顔'),
    'Frames': ('Bilder', 'Imágenes', 'Images', 'フレーム'),
    'people': ('Personen', 'personas', 'personnes', '人物'),
    'Annotated picture': (
        'Bild mit Beschriftung',
        'Imagen anotada',
        'Image annotée',
        '注釈付き画像',
    ),
    'Annotated video': (
        'Video mit Beschriftung',
        'Vídeo anotado',
        'Vidéo annotée',
        '注釈付き動画',
    ),
    'JSON': ('JSON', 'JSON', 'JSON', 'JSON'),
    'Table of faces (CSV)': (
        'Tabelle der Gesichter (CSV)',
        'Tabla de caras (CSV)',
        'Tableau des visages (CSV)',
        '顔の表 (CSV)',
    ),
    'Table of events (CSV)': (
        'Tabelle der Ereignisse (CSV)',
        'Tabla de eventos (CSV)',
        'Tableau des événements (CSV)',
        'イベントの表 (CSV)',
    ),
    'Chart (SVG)': ('Diagramm (SVG)', 'Gráfico (SVG)', 'Graphique (SVG)', 'グラフ (SVG)'),
    'Remove': (
        'Entfernen',
        'Quitar',
        'Retirer',
        '削除',
    ),
    'A token is required: reload the page.': (
        'Ein Token ist erforderlich: Laden Sie die Seite neu.',
        'Se necesita el token: recargue la página.',
        'Le jeton est nécessaire : rechargez la page.',
        'トークンが必要です。ページを再読み込みしてください。',
    ),
    # The browser's camera.
    'Your camera': ('Ihre Kamera', 'Su cámara', 'Votre caméra', 'あなたのカメラ'),
    'your camera': ('Ihre Kamera', 'su cámara', 'votre caméra', 'あなたのカメラ'),
    'This server runs in privacy mode: pictures of your camera stay on your device.': (
        'Dieser Server läuft im Privatmodus: Bilder Ihrer Kamera bleiben auf Ihrem Gerät.',
        'Este servidor está en modo privado: las imágenes de su cámara no salen de su '
        'dispositivo.',
        'Ce serveur est en mode privé : les images de votre caméra restent sur votre appareil.',
        'このサーバーはプライバシーモードです。カメラの画像は端末から出ません。',
    ),
    'The browser allows its camera only on pages of this machine or over https.': (
        'Der Browser erlaubt die Kamera nur auf Seiten dieses Rechners oder über https.',
        'El navegador permite la cámara solo en páginas de este equipo o por https.',
        'Le navigateur n’autorise la caméra que sur les pages de cette machine ou en https.',
        'ブラウザーがカメラを許可するのは、このマシンのページか https のみです。',
    ),
    'The frames of your camera are sent over a WebSocket, only to this server:': (
        'Die Bilder Ihrer Kamera werden über einen WebSocket nur an diesen Server gesendet:',
        'Las imágenes de su cámara se envían por un WebSocket solo a este servidor:',
        'Les images de votre caméra sont envoyées par un WebSocket uniquement à ce serveur :',
        'カメラの画像は WebSocket でこのサーバーにのみ送られます：',
    ),
    'They are analysed and not stored.': (
        'Sie werden ausgewertet und nicht gespeichert.',
        'Se analizan y no se guardan.',
        'Elles sont analysées et non enregistrées.',
        '解析されますが、保存されません。',
    ),
    'Start the camera': (
        'Kamera starten',
        'Iniciar la cámara',
        'Démarrer la caméra',
        'カメラを開始',
    ),
    'Other camera': ('Andere Kamera', 'Otra cámara', 'Autre caméra', '別のカメラ'),
    'no answer': ('keine Antwort', 'sin respuesta', 'pas de réponse', '応答なし'),
    'The camera cannot be used': (
        'Die Kamera kann nicht benutzt werden',
        'No se puede usar la cámara',
        'La caméra ne peut pas être utilisée',
        'カメラを使用できません',
    ),
    'The server has ended the connection.': (
        'Der Server hat die Verbindung beendet.',
        'El servidor ha cerrado la conexión.',
        'Le serveur a fermé la connexion.',
        'サーバーが接続を終了しました。',
    ),
    # The view for headsets.
    'settings': ('Einstellungen', 'ajustes', 'réglages', '設定'),
    'Size of the word': (
        'Größe des Wortes',
        'Tamaño de la palabra',
        'Taille du mot',
        '文字の大きさ',
    ),
    'Words': ('Wörter', 'Palabras', 'Mots', '表示する語'),
    'Dashboard': ('Übersicht', 'Panel', 'Tableau de bord', 'ダッシュボード'),
}
