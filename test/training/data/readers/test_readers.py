"""Each reader reads its format, skips corrupt files, and stops at unknown labels."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS, map_labels
from training.data.open import DataOptions, open_data
from training.data.pictures import FilePictures
from training.data.readers.affectnet import read_affectnet
from training.data.readers.fer_csv import read_fer_csv
from training.data.readers.ferplus import join_ferplus
from training.data.readers.folders import read_folders
from training.data.readers.imdb_wiki import read_imdb_wiki
from training.data.readers.kdef import read_kdef
from training.data.readers.lfw import read_lfw
from training.data.readers.npz import read_npz
from training.data.sources import Defaults, pictures_of
from training.errors import DataError
from training.evaluation.inference import match_classes

Write = Callable[[Path, int], Path]


def _fer_csv(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text('\n'.join([header, *rows]) + '\n')
    return path


def _pixels(value: int, count: int = 16) -> str:
    return ' '.join([str(value)] * count)


def test_fer2013_csv_gives_pictures_labels_and_splits(tmp_path: Path) -> None:
    rows = [
        f'3,{_pixels(9)},Training',
        f'0,{_pixels(7)},PublicTest',
        f'6,{_pixels(5)},PrivateTest',
    ]
    data = read_fer_csv(_fer_csv(tmp_path / 'fer2013.csv', 'emotion,pixels,Usage', rows))
    assert data.pictures.load(slice(None)).shape == (3, 4, 4)
    assert [data.classes[k] for k in data.labels] == ['happy', 'angry', 'neutral']
    assert data.splits.tolist() == ['train', 'public', 'private']


def test_the_icml_csv_is_read_despite_its_other_header(tmp_path: Path) -> None:
    path = _fer_csv(tmp_path / 'i.csv', 'emotion, Usage, pixels', [f'2,PublicTest,{_pixels(1)}'])
    data = read_fer_csv(path)
    assert data.splits.tolist() == ['public']
    assert data.classes[data.labels[0]] == 'fear'


def test_a_csv_row_with_missing_pixels_is_skipped_and_listed(tmp_path: Path) -> None:
    rows = [f'3,{_pixels(9)},Training', f'3,{_pixels(9, 15)},Training', '3,x y z,Training']
    data = read_fer_csv(_fer_csv(tmp_path / 'f.csv', 'emotion,pixels,Usage', rows))
    assert len(data) == 1
    assert len(data.skipped) == 2
    assert 'f.csv[1]' in data.skipped[0]


def test_a_csv_row_with_a_huge_number_is_skipped_and_listed(tmp_path: Path) -> None:
    rows = [f'3,{_pixels(9)},Training', f'3,{_pixels(10**20)},Training']
    data = read_fer_csv(_fer_csv(tmp_path / 'f.csv', 'emotion,pixels,Usage', rows))
    assert data.skipped == ('f.csv[1]: pixels outside 0..255',)


@pytest.mark.parametrize(
    ('header', 'cut'),
    [
        ('emotion,pixels,Usage', f'3,{_pixels(9)}'),
        ('emotion,pixels,Usage', f'3,{_pixels(9)},Train'),
        ('emotion,pixels,Usage', '3'),
        ('emotion, Usage, pixels', '3,Training'),
        ('pixels,emotion,Usage', _pixels(9)),
        ('pixels,emotion,Usage', f'{_pixels(9)},'),
    ],
)
def test_a_truncated_last_row_of_a_csv_is_skipped(tmp_path: Path, header: str, cut: str) -> None:
    whole = {'emotion': '3', 'pixels': _pixels(9), 'Usage': 'Training'}
    row = ','.join(whole[name.strip()] for name in header.split(','))
    path = tmp_path / 'f.csv'
    path.write_text(f'{header}\n{row}\n{cut}')
    data = read_fer_csv(path)
    assert len(data) == 1
    assert len(data.skipped) == 1
    assert data.skipped[0].startswith('f.csv[1]: ')


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16'])
def test_a_byte_order_mark_is_ignored(tmp_path: Path, write_picture: Write, encoding: str) -> None:
    path = tmp_path / 'f.csv'
    path.write_text(f'emotion,pixels,Usage\n3,{_pixels(9)},Training\n', encoding=encoding)
    data = read_fer_csv(path)
    assert (len(data), data.skipped) == (1, ())
    votes = tmp_path / 'v.csv'
    votes.write_text('Usage,Image name,happiness\nTraining,f.png,10\n', encoding=encoding)
    joined = join_ferplus(data, votes)
    assert joined.votes is not None
    assert joined.votes[0, EXPRESSIONS.index('happy')] == 1.0
    for person, name in (('Ann_A', 'female_names.txt'), ('Bob_B', 'male_names.txt')):
        write_picture(tmp_path / 'lfw' / person / f'{person}_0001.jpg', len(person))
        (tmp_path / 'lfw' / name).write_text(f'{person}\n', encoding=encoding)
    assert len(read_lfw(tmp_path / 'lfw', 48, 'gray')) == 2


@pytest.mark.parametrize(
    ('row', 'named'),
    [(f'9,{_pixels(1)},Training', "'9'"), (f'1,{_pixels(1)},Holiday', "'Holiday'")],
    ids=['emotion', 'usage'],
)
def test_an_unknown_value_in_a_csv_stops_with_its_name(
    tmp_path: Path, row: str, named: str
) -> None:
    with pytest.raises(DataError, match=named):
        read_fer_csv(_fer_csv(tmp_path / 'f.csv', 'emotion,pixels,Usage', [row]))


def test_folders_take_any_common_spelling_and_split_folders(
    tmp_path: Path, write_picture: Write
) -> None:
    for index, folder in enumerate(('train/Anger', 'train/happiness', 'val/SAD', 'test/2_happy')):
        write_picture(tmp_path / folder / 'a.png', index)
    data = read_folders(tmp_path, 48, 'gray')
    named = {(str(s), data.classes[k]) for s, k in zip(data.splits, data.labels, strict=True)}
    assert named == {
        ('train', 'angry'), ('train', 'happy'), ('development', 'sad'), ('test', 'happy'),
    }  # fmt: skip
    assert data.pictures.shape == (48, 48)


def test_pictures_outside_the_class_folders_are_listed(
    tmp_path: Path, write_picture: Write
) -> None:
    for file in ('train/happy/a.png', 'train/b.png', 'c.png'):
        write_picture(tmp_path / file, 1)
    (tmp_path / 'notes.txt').write_text('mine')
    assert [line.partition(':')[0] for line in read_folders(tmp_path, 48, 'gray').skipped] == [
        str(tmp_path / 'c.png'),
        str(tmp_path / 'train' / 'b.png'),
    ]


def test_a_csv_with_several_sizes_names_a_row(tmp_path: Path) -> None:
    path = tmp_path / 'fer2013.csv'
    rows = ''.join(f'0,{" ".join(["1"] * side**2)}\n' for side in (4, 4, 5))
    path.write_text('emotion,pixels\n' + rows)
    with pytest.raises(DataError, match=r'csv\[2\] has 25 pixels, fer2013.csv\[0\] has 16'):
        read_fer_csv(path)


def test_classes_that_differ_only_in_case_are_refused(
    tmp_path: Path, write_picture: Write
) -> None:
    for folder in ('mask', 'Mask'):
        write_picture(tmp_path / folder / 'a.png', len(folder))
    with pytest.raises(DataError, match="several classes are 'mask'"):
        read_folders(tmp_path, 48, 'gray', ['mask', 'Mask'])
    merged = read_folders(tmp_path, 48, 'gray', ['mask', 'Mask=mask'])
    assert merged.counts() == {'mask': 2}


def test_data_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='faces_of_yesterday does not exist'):
        open_data(DataOptions(['faces_of_yesterday']))
    with pytest.raises(DataError, match='none of the known kinds of data'):
        open_data(DataOptions([f'jaffe:{tmp_path}']))


@pytest.mark.parametrize(
    ('header', 'remedy'),
    [
        ('emotion;pixels;Usage', 'separate the columns by commas'),
        ('Usage,Image name,neutral,contempt', '--ferplus'),
    ],
)
def test_a_table_that_is_not_fer2013_is_refused_with_the_remedy(
    tmp_path: Path, header: str, remedy: str
) -> None:
    with pytest.raises(DataError, match=remedy):
        read_fer_csv(_fer_csv(tmp_path / 'f.csv', header, []))


def test_an_unknown_class_folder_stops_with_its_name(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'bored' / 'a.png', 0)
    with pytest.raises(DataError, match="'bored'"):
        read_folders(tmp_path, 48, 'gray')
    assert read_folders(tmp_path, 48, 'gray', ['bored']).classes == ('bored',)


def test_folders_with_numbers_are_given_their_classes(
    tmp_path: Path, write_picture: Write
) -> None:
    for number in range(1, 4):
        write_picture(tmp_path / 'train' / str(number) / 'a.png', number)
        write_picture(tmp_path / 'test' / str(number) / 'a.png', 10 + number)
    data = read_folders(tmp_path, 48, 'gray', ['1=surprise', '2=fear', '3=fear'])
    assert data.classes == ('surprise', 'fear')
    assert data.counts() == {'surprise': 2, 'fear': 4}
    assert set(data.splits) == {'train', 'test'}
    with pytest.raises(DataError, match='--classes 1=CLASS 2=CLASS 3=CLASS'):
        read_folders(tmp_path, 48, 'gray')


def test_a_person_folder_of_kdef_is_not_taken_for_an_expression(
    tmp_path: Path, write_picture: Write
) -> None:
    write_picture(tmp_path / 'AF01' / 'AF01HAS.JPG', 0)
    with pytest.raises(DataError, match='use kdef:FOLDER'):
        read_folders(tmp_path, 48, 'gray')


def test_accents_are_equal_in_both_ways_of_storing_them(
    tmp_path: Path, write_picture: Write
) -> None:
    apart = unicodedata.normalize('NFD', 'glücklich')
    write_picture(tmp_path / apart / 'a.png', 0)
    assert read_folders(tmp_path, 48, 'gray', ['glücklich']).classes == ('glücklich',)
    assert map_labels([apart], ['Glücklich']) == [0]


@pytest.mark.parametrize('name', ['Train_Set', 'training', 'train-set'])
def test_the_folder_of_a_split_has_its_usual_spellings(
    tmp_path: Path, write_picture: Write, name: str
) -> None:
    write_picture(tmp_path / name / 'happy' / 'a.png', 0)
    write_picture(tmp_path / 'val_set' / 'happy' / 'b.png', 1)
    assert read_folders(tmp_path, 48, 'gray').splits.tolist() == ['train', 'development']


def test_faces_without_a_label_are_skipped_and_named(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'happy' / 'a.png', 1)
    write_picture(tmp_path / 'unsorted' / 'b.png', 2)
    data = read_folders(tmp_path, 48, 'gray')
    assert data.classes == ('happy',)
    assert data.skipped == (f'{tmp_path / "unsorted"}: 1 pictures without a label',)
    named = read_folders(tmp_path, 48, 'gray', ['happy', 'unsorted'])
    assert named.counts() == {'happy': 1, 'unsorted': 1}


def test_the_table_of_a_folder_names_persons_and_sources(
    tmp_path: Path, write_picture: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ('happy/a.png', 'happy/b.png', 'sad/a.png', 'sad/moved.png', 'sad/new.png'):
        write_picture(tmp_path / file, len(file))
    name = os.fsdecode(b'caf\xe9.mp4')
    (tmp_path / 'manifest.csv').write_text(
        'file,person,source\n'
        'happy/a.png,anna,clip.mp4\nsad/a.png,ben,clip.mp4\nhappy/b.png,,clip.mp4\n'
        f'unsorted/moved.png,,{name}\n',
        encoding='utf-8',
        errors='surrogateescape',
    )
    data = read_folders(tmp_path, 48, 'gray')
    assert 'names no person or source for 1 of 5 pictures' in capsys.readouterr().err
    assert dict(zip(data.names.tolist(), data.groups.tolist(), strict=True)) == {
        'happy/a.png': 'anna',
        'happy/b.png': 'clip.mp4',
        'sad/a.png': 'ben',
        'sad/moved.png': name,
        'sad/new.png': '',
    }


def test_a_table_without_its_columns_is_named(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'happy' / 'a.png', 1)
    (tmp_path / 'manifest.csv').write_text('picture,who\nhappy/a.png,anna\n')
    with pytest.raises(DataError, match='needs the columns file, and person or source'):
        read_folders(tmp_path, 48, 'gray')


def test_an_incomplete_row_of_a_table_is_skipped(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'happy' / 'a.png', 1)
    (tmp_path / 'manifest.csv').write_text('person,file\nanna,happy/a.png\nbe')
    assert read_folders(tmp_path, 48, 'gray').groups.tolist() == ['anna']


def test_pictures_in_a_linked_folder_are_read(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'data' / 'happy' / 'a.png', 1)
    write_picture(tmp_path / 'disk' / 'b.png', 2)
    (tmp_path / 'data' / 'happy' / 'more').symlink_to(tmp_path / 'disk')
    (tmp_path / 'data' / 'happy' / 'more' / 'back').symlink_to(tmp_path / 'data')
    names = read_folders(tmp_path / 'data', 48, 'gray').names.tolist()
    assert names == ['happy/a.png', 'happy/more/b.png']


def test_a_folder_that_cannot_be_listed_stops_with_its_name(
    tmp_path: Path, write_picture: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_picture(tmp_path / 'happy' / 'a.png', 1)
    hidden = tmp_path / 'happy' / 'more'
    hidden.mkdir()
    listed = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path) == hidden:
            raise PermissionError(errno.EACCES, 'Permission denied', str(path))
        return listed(path)

    monkeypatch.setattr(os, 'scandir', scandir)
    with pytest.raises(DataError, match=r'more cannot be listed \(Permission denied\)'):
        read_folders(tmp_path, 48, 'gray')
    monkeypatch.setattr(Path, 'iterdir', lambda path: scandir(hidden))
    with pytest.raises(DataError, match=r'cannot be listed \(Permission denied\)'):
        read_folders(tmp_path, 48, 'gray')


def test_an_impossible_name_does_not_exist(tmp_path: Path) -> None:
    name = 'x' * 300
    for source in (name, f'{name}.npz', f'kdef:{name}'):
        with pytest.raises(DataError, match='does not exist'):
            open_data(DataOptions([source]))
    with pytest.raises(DataError, match='neither a file nor a folder'):
        next(pictures_of(name, Defaults('', '', '', 1.0)))
    (tmp_path / 'list.txt').write_text(f'{name}\n')
    (reason,) = pictures_of(str(tmp_path / 'list.txt'), Defaults('', '', '', 1.0))
    assert reason.endswith('the file or folder does not exist')


def test_an_empty_class_folder_stops_with_its_name(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'happy' / 'a.png', 0)
    (tmp_path / 'sad').mkdir()
    with pytest.raises(DataError, match='sad has no pictures'):
        read_folders(tmp_path, 48, 'gray')


def test_a_corrupt_picture_is_skipped_and_listed(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'happy' / 'a.png', 0)
    (tmp_path / 'happy' / 'b.jpg').write_bytes(b'no picture')
    data = read_folders(tmp_path, 48, 'gray')
    assert len(data) == 1
    assert 'b.jpg' in data.skipped[0]


def test_a_set_larger_than_memory_is_read_from_its_files(
    tmp_path: Path, write_picture: Write
) -> None:
    for index in range(5):
        write_picture(tmp_path / 'happy' / f'{index}.png', index)
        write_picture(tmp_path / 'sad' / f'{index}.png', 50 + index)
    small = read_folders(tmp_path, 48, 'gray')
    streamed = read_folders(tmp_path, 48, 'gray', memory_limit=48 * 48 * 3)
    assert isinstance(streamed.pictures, FilePictures)
    assert streamed.fingerprint() == small.fingerprint()
    which = np.array([7, 2])
    assert np.array_equal(
        streamed.subset(which).pictures.load(slice(None)), small.pictures.load(which)
    )


def test_colour_pictures_are_read_as_rgb(tmp_path: Path) -> None:
    (tmp_path / 'happy').mkdir()
    red = np.zeros((50, 60, 3), np.uint8)
    red[..., 2] = 200
    cv2.imwrite(str(tmp_path / 'happy' / 'red.png'), red)
    data = read_folders(tmp_path, 32, 'rgb')
    assert data.pictures.shape == (32, 32, 3)
    assert data.pictures.load(slice(None))[0, 5, 5].tolist() == [200, 0, 0]


def test_pictures_with_names_of_ck48_are_grouped_by_subject(
    tmp_path: Path, write_picture: Write
) -> None:
    write_picture(tmp_path / 'anger' / 'S010_004_00000017.png', 0)
    write_picture(tmp_path / 'happy' / 'S010_006_00000013.png', 1)
    write_picture(tmp_path / 'happy' / 'S022_003_00000030.png', 2)
    write_picture(tmp_path / 'happy' / 'own.png', 3)
    groups = read_folders(tmp_path, 48, 'gray').groups
    assert groups.tolist() == ['S010', 'S010', 'S022', '']


def test_kdef_is_read_by_its_file_names(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'AF01' / 'AF01ANS.JPG', 0)
    write_picture(tmp_path / 'BM12' / 'BM12SUHL.JPG', 1)
    write_picture(tmp_path / 'BM12' / 'BM12SUFR.JPG', 2)
    write_picture(tmp_path / 'holiday.jpg', 3)
    data = read_kdef(tmp_path, 48, 'gray')
    assert [data.classes[k] for k in data.labels] == ['angry', 'surprise']
    assert data.groups.tolist() == ['F01', 'M12']
    assert any('holiday' in line for line in data.skipped)


def test_imdb_wiki_keeps_certain_single_faces_of_known_gender(
    tmp_path: Path, write_picture: Write
) -> None:
    for index in range(4):
        write_picture(tmp_path / f'{index}.jpg', index)
    table = {
        'full_path': np.array([f'{i}.jpg' for i in range(4)], dtype=object),
        'gender': np.array([0.0, 1.0, np.nan, 1.0]),
        'face_score': np.array([4.0, 5.0, 5.0, 1.0]),
        'second_face_score': np.array([np.nan, np.nan, np.nan, np.nan]),
        'name': np.array(['a', 'b', 'c', 'd'], dtype=object),
    }
    savemat(tmp_path / 'wiki.mat', {'wiki': table})
    data = read_imdb_wiki(tmp_path / 'wiki.mat', 48, 'gray')
    assert [data.classes[k] for k in data.labels] == ['woman', 'man']
    assert data.groups.tolist() == ['a', 'b']
    table['second_face_score'][0] = 3.0
    savemat(tmp_path / 'wiki.mat', {'wiki': table})
    assert len(read_imdb_wiki(tmp_path / 'wiki.mat', 48, 'gray')) == 1


def test_lfw_takes_gender_from_its_lists(tmp_path: Path, write_picture: Write) -> None:
    for person in ('Ann_A', 'Bob_B', 'Nobody'):
        write_picture(tmp_path / person / f'{person}_0001.jpg', len(person))
    (tmp_path / 'female_names.txt').write_text('Ann_A_0001.jpg\n')
    (tmp_path / 'male_names.txt').write_text('Bob_B\n')
    data = read_lfw(tmp_path, 48, 'gray')
    assert {(str(g), data.classes[k]) for g, k in zip(data.groups, data.labels, strict=True)} == {
        ('Ann_A', 'woman'), ('Bob_B', 'man'),
    }  # fmt: skip
    assert any('Nobody' in line for line in data.skipped)


def test_gender_archive_has_identities(tmp_path: Path) -> None:
    path = tmp_path / 'g.npz'
    images = np.zeros((2, 8, 8), np.uint8)
    np.savez(path, images=images, gender=np.array([0, 1], 'i1'), identity=np.array(['a', 'b']))
    data = read_npz(path)
    assert data.classes == ('woman', 'man')
    assert data.groups.tolist() == ['a', 'b']


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        ({'images': np.zeros((2, 8, 9), np.uint8)}, r'\(2, 8, 9\)'),
        ({'images': np.zeros((2, 8, 8), np.float32)}, 'float32'),
        ({'labels': np.array([0, 5])}, 'outside 0..1'),
        ({'labels': np.array([0])}, '1 labels'),
        ({'labels': np.array([[0], [1]])}, r'of shape \(2, 1\)'),
        ({'labels': np.array([0, 0.5])}, 'whole number'),
        ({'labels': np.array(['happy', 'sad'])}, 'whole number'),
        ({'classes': np.array('happy')}, r'x\.npz'),
        ({'ferplus': np.zeros((2, 3))}, 'ferplus_columns'),
    ],
    ids=[
        'not square',
        'not uint8',
        'label out of range',
        'too few labels',
        'labels in a column',
        'half a label',
        'names as labels',
        'one name for all',
        'votes without columns',
    ],
)
def test_an_inconsistent_archive_is_refused(
    tmp_path: Path, change: dict[str, np.ndarray], named: str
) -> None:
    columns = {
        'images': np.zeros((2, 8, 8), np.uint8),
        'labels': np.array([0, 1]),
        'classes': np.array(['happy', 'sad']),
    }
    np.savez(tmp_path / 'x.npz', **(columns | change))
    with pytest.raises(DataError, match=named):
        read_npz(tmp_path / 'x.npz')


def test_a_set_without_pictures_cannot_be_evaluated() -> None:
    empty = make_dataset(np.empty((0, 8, 8), np.uint8), [], ('happy',))
    with pytest.raises(DataError, match='no pictures'):
        match_classes(empty, ('happy',))


def test_names_stored_as_bytes_are_read_as_names(tmp_path: Path) -> None:
    np.savez(
        tmp_path / 'x.npz',
        images=np.zeros((2, 8, 8), np.uint8),
        labels=np.array([0.0, 1.0]),
        classes=np.array([b'happy', b'sad']),
        splits=np.array([b'train', b'test']),
    )
    data = read_npz(tmp_path / 'x.npz')
    assert (data.classes, data.labels.tolist()) == (('happy', 'sad'), [0, 1])
    assert data.splits.tolist() == ['train', 'test']


def test_a_damaged_or_pickled_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'x.npz').write_bytes(b'PK but no archive')
    with pytest.raises(DataError, match='not a readable npz'):
        read_npz(tmp_path / 'x.npz')
    np.savez(tmp_path / 'y.npz', images=np.array([{}], dtype=object))
    with pytest.raises(DataError, match='not a readable npz'):
        read_npz(tmp_path / 'y.npz')


def test_merged_sets_share_classes_and_keep_groups_separate(
    tmp_path: Path, write_picture: Write
) -> None:
    write_picture(tmp_path / 'a' / 'anger' / 'S010_004_00000017.png', 0)
    write_picture(tmp_path / 'a' / 'contempt' / 'S011_004_00000017.png', 0)
    np.savez(
        tmp_path / 'b.npz',
        images=np.zeros((2, 48, 48), np.uint8),
        labels=np.array([0, 1]),
        classes=np.array(['Happiness', 'anger']),
        identity=np.array(['S010', 'x']),
    )
    data = open_data(DataOptions([str(tmp_path / 'a'), str(tmp_path / 'b.npz')]))
    assert data.classes == ('angry', 'happy', 'contempt')
    assert [data.classes[k] for k in data.labels] == ['angry', 'contempt', 'happy', 'angry']
    assert len(set(data.groups.tolist())) == 4
    picked = data.subset(np.array([0, 3]))
    assert picked.pictures.load(slice(None)).shape == (2, 48, 48)


def test_merging_pictures_of_different_sizes_is_refused(tmp_path: Path) -> None:
    for name, side in (('a', 8), ('b', 9)):
        np.savez(
            tmp_path / f'{name}.npz',
            images=np.zeros((1, side, side), np.uint8),
            labels=np.array([0]),
            classes=np.array(['happy']),
        )
    with pytest.raises(DataError, match='several shapes'):
        open_data(DataOptions([str(tmp_path / 'a.npz'), str(tmp_path / 'b.npz')]))


@pytest.mark.parametrize('side', [48, 64])
def test_every_requested_size_and_channels_count(side: int, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
    np.savez(tmp_path / 'x.npz', images=images, labels=np.zeros(3, int), classes=['happy'])
    sources = [str(tmp_path / 'x.npz')]
    assert open_data(DataOptions(sources)).pictures.shape == (64, 64, 3)
    data = open_data(DataOptions(sources, size=side, channels='gray')).subset(np.array([2, 0]))
    assert data.pictures.shape == (side, side)
    wanted = cv2.cvtColor(images[0], cv2.COLOR_RGB2GRAY)
    if side != 64:
        wanted = cv2.resize(wanted, (side, side), interpolation=cv2.INTER_AREA)
    assert np.array_equal(data.pictures.load(slice(None))[1], wanted)


def test_an_archive_is_resized_to_the_requested_size(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48)).astype(np.uint8)
    np.savez(tmp_path / 'x.npz', images=images, labels=np.zeros(3, int), classes=['happy'])
    data = open_data(DataOptions([str(tmp_path / 'x.npz')], size=64))
    assert data.size == 64
    wanted = cv2.resize(images[2], (64, 64), interpolation=cv2.INTER_LINEAR)
    picked = data.subset(np.array([2]))
    assert np.array_equal(picked.pictures.load(slice(None))[0], wanted)
    assert picked.pictures.sides().tolist() == [48]


@pytest.mark.parametrize('splits', [('train_set', 'val_set'), ('.', '.')])
def test_affectnet_is_read_with_its_annotation_files(
    tmp_path: Path, write_picture: Write, splits: tuple[str, str]
) -> None:
    codes = {'1': '6', '2': '1', '3': '7', '4': '10', '5': None, '6': '8' * 30}
    for split, names in zip(splits, ('12456', '3'), strict=True):
        for name in names:
            write_picture(tmp_path / split / 'images' / f'{name}.jpg', int(name))
            folder = tmp_path / split / 'annotations'
            folder.mkdir(exist_ok=True)
            if codes[name]:
                np.save(folder / f'{name}_exp.npy', np.array(codes[name]))
    with pytest.raises(DataError, match='use affectnet:FOLDER'):
        open_data(DataOptions([str(tmp_path)]))
    data = read_affectnet(tmp_path, 48, 'gray')
    assert [data.classes[label] for label in data.labels] == ['angry', 'happy', 'contempt']
    development = 'train' if splits[1] == '.' else 'development'
    assert data.splits.tolist() == ['train', 'train', development]
    assert [line.split(': ')[0][-5:] for line in data.skipped] == ['4.jpg', '5.jpg', '6.jpg']


def test_affectnet_without_annotations_names_the_files(
    tmp_path: Path, write_picture: Write
) -> None:
    write_picture(tmp_path / 'images' / '1.jpg', 1)
    with pytest.raises(DataError, match=r'1_exp\.npy cannot be read'):
        read_affectnet(tmp_path, 48, 'gray')


def test_folders_above_the_class_folders_are_named(tmp_path: Path, write_picture: Write) -> None:
    write_picture(tmp_path / 'archive' / 'train' / 'happy' / '1.png', 1)
    with pytest.raises(DataError, match=r"'archive'.* contains the class folders with --data"):
        open_data(DataOptions([str(tmp_path)]))


def test_a_table_of_labels_names_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / 'training.csv'
    path.write_text('subDirectory_filePath,expression\n1/a.jpg,0\n')
    with pytest.raises(DataError, match='copy the pictures of a table into one folder'):
        read_fer_csv(path)
