// The faces in view, from the server.
import FaceCards from '/static/face_cards.js';

export default FaceCards;
