"""Check of the texts that people read against the rules of docs/style.md: `make lint`.

It reads the Markdown pages, the message files, the strings and comments in the Python code, and
the names and docstrings of the tests. It ignores code blocks, code spans, and the sections that
other programs write.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LONGEST_SENTENCE = 40

#: Phrases to avoid, as regular expressions, and the advice for each.
WORDS = [
    (
        r'tells? (?:the rest|the same|of|which|whether|who|why|how|where|what|it)',
        'shows, describes',
    ),
    (r'(?:is|are|was|were|be) told', 'is shown, is reported'),
    (r'silence means', 'say what is missing'),
    (r'(\w+(?: \w+){2,})[:;,]? \1', 'it once'),
    (r'by (?:itself|themselves)', 'automatically, on its own'),
    (r'wanted to run', 'load average'),
    (r'that looks, another', 'edge device and compute host'),
    (r'(?:machine|one|host) thinks?', 'does the work'),
    (r'(?:is|are|was|were) mended|mends?', 'fix'),
    (r'anew', 'again'),
    (r'seldom', 'rarely'),
    (r'shall', 'must, should, can'),
    (r'at hand', 'available'),
    (r'but for', 'except'),
    (r'likewise', 'say it again'),
    (r'thus', 'so'),
    (r'upon', 'on'),
    (r'as ever', 'as usual'),
    (r'(?<!program )(?<!code )of (?:yours|ours|mine|theirs)', 'your, our'),
    (r"of one's own", 'your own'),
    (r'stands? (?:in|on|beside|below|with|there|once)', 'is in'),
    (r'lies? (?:beside|below|elsewhere)', 'is in'),
    (r'(?<![Tt]here )(?:is|are) no (?!longer|larger|smaller|more|less)', 'is not a'),
    (r'lets? go of', 'releases'),
    (r'holds? good', 'applies'),
    (r'(?:Meant|Known|Shown|Given|Needed|Not shown) (?:is|are)', 'subject first'),
    (r'(?:comes?|goes) away|what comes and goes', 'appears, disappears'),
    (r'without a word', 'silently'),
    (r'(?:for|in|of) who(?:ever)? (?:is|has|wants|reads|comes|looks)', 'people who'),
    (r'(?:^|\. )Who (?:is|has|wants|reads|comes|looks|can|passes|uses)', 'people who'),
    (r'who (?:listens|subscribes|asks|shows|runs|publishes|stands)', 'subscribers, programs that'),
    (r'whoever', 'the program or the person that'),
    (r'whatever', 'any, for any value of'),
    (r'nobody', 'no node, no person'),
    (r'beside', 'next to, besides'),
    (r'(?:can(?:not)?|could not) be had|is had', 'is available, is not available'),
    (r'(?:is|are|was|were|be) asked for', 'is requested'),
    (r'(?:is|are|was|were) (?:passed over|left alone)', 'is skipped, is not changed'),
    (r'(?:goes|go|went|going) on', 'continues'),
    (r'gets? lost|got lost', 'is lost'),
    (r'in hand', 'current'),
    (r'of now', 'current'),
    (r'(?:is|are) of no use', 'is unusable'),
    (r'likeliest|surest', 'most probable, most certain'),
    (r'what (?:was|were|is) (?:found|left|wanted)', 'the results, the rest'),
    (r'(?:no|nothing|none|nobody) \w* ?comes?', 'no ... arrives'),
    (r'(?:frames|images|results|messages|faces|expressions) come(?! from)', 'arrive'),
    (r'where (?:there|it) (?:is|are|has) (?:none|no)', 'if there is none'),
    (r'(?<=[,;] )else', 'otherwise'),
    (r'says (?:of|who)', 'reports, contains'),
    (r'tells? (?:us|them|nobody)', 'reports, returns'),
    (r'takes the place', 'replaces'),
    (r'holds (?:no|a model)', 'contains'),
    (r'(?:an?|each|every) \w+ of (?:its|their) own', 'a separate one, its own one'),
    (r'by \w+ of (?:its|their) own', 'separate'),
    (r'brings? (?:its|their) own', 'contains, includes'),
    (r'decisions? of consequence', 'important decision'),
    (r'cuts? (?:it )?short', 'truncated, incomplete'),
    (r'in the end', 'finally'),
    (r'again and again', 'repeatedly'),
    (r'(?:tells?|told|tell) (?:\w+ ){0,2}(?:apart|against)', 'distinguishes'),
    (r'what (?:comes|goes|came|went|lies|stands)', 'the subject'),
    (r'(?:stands?|stood|standing) still', 'stops, does not change'),
    (r'(?:is|are) to be (?:seen|had|found|made|started|checked)', 'must be, can be'),
    (r'where (?:it|that|they|one) (?:is|are) (?:asked for|wanted|missing|installed|there)', 'if'),
    (r'themself', 'your own, their own'),
    (r'(?:is|are) there wherever', 'is available wherever'),
    (r'\w+: Of \w+', 'the noun first, such as "stamp: Stamp of the frame"'),
]
_WORDS = [(re.compile(rf'\b(?:{word})\b'), advice) for word, advice in WORDS]

_FENCE = re.compile(r'^ *(```+|:::+).*?^ *\1 *$', re.MULTILINE | re.DOTALL)
_WRITTEN = re.compile(r'<!-- ([\w ]+): begin.*?<!-- \1: end -->', re.DOTALL)
_CODE = re.compile(r'`[^`]+`')
_QUOTED = re.compile(r'^\|(?: .*)?do not write .*?\n\n', re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r'(?<=[.?!:])\s+')
#: Folders with built or written files.
_LEFT_OUT = {'build', 'install', 'log', 'runs', 'my_models', 'node_modules', 'examples'}


def faults(text: str, *, prose: bool = True) -> Iterator[tuple[int, str]]:
    """Yield the line number and the description of each fault in a text.

    Args:
        text: The text, without code.
        prose: Whether to check the length of sentences, too.
    """
    # A phrase can continue on the next line.
    flat = text.replace('\n', ' ')
    for pattern, advice in _WORDS:
        for match in pattern.finditer(flat):
            yield _line(text, match.start()), f'{match[0]!r}: write {advice}'
    if prose:
        for start, paragraph in _paragraphs(text):
            for sentence in _SENTENCE.split(paragraph):
                if (count := len(sentence.split())) > LONGEST_SENTENCE:
                    shown = ' '.join(sentence.split()[:6])
                    yield _line(text, start), f'a sentence of {count} words: {shown!r} ...'


def _line(text: str, position: int) -> int:
    return text.count('\n', 0, position) + 1


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    for match in re.finditer(r'(?:^(?![|#<\s]|[-*] |\d+\. ).+\n?)+', text, re.MULTILINE):
        yield match.start(), match[0]


def without_code(markdown: str) -> str:
    """Return a page without code and generated sections. Line numbers do not change."""
    for pattern in (_FENCE, _WRITTEN, _QUOTED):
        markdown = pattern.sub(lambda match: '\n' * match[0].count('\n'), markdown)
    return _CODE.sub(lambda match: 'x' + '\n' * match[0].count('\n'), markdown)


def strings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each string of several words in Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ' ' in node.value:
            yield node.lineno, _CODE.sub('x', node.value)


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each comment in Python source."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], _CODE.sub('x', token.string.lstrip('#: '))


def texts_of_tests(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each docstring and of each test name in Python source."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, definitions) and node.name.startswith('test_'):
            yield node.lineno, node.name.removeprefix('test_').replace('_', ' ')
        if isinstance(node, (ast.Module, *definitions)) and (text := ast.get_docstring(node)):
            yield getattr(node, 'lineno', 1), _CODE.sub('x', text)


def _files(pattern: str, *folders: str) -> Iterable[Path]:
    for folder in folders:
        for file in sorted((ROOT / folder).glob(pattern)):
            parts = file.relative_to(ROOT).parts
            if not any(part in _LEFT_OUT or part.startswith('.') for part in parts):
                yield file


def check_all() -> list[str]:
    """Return the faults of all texts in the checkout, one line each."""
    found = []
    for file in _files('**/*.md', '.'):
        for line, fault in faults(without_code(file.read_text(encoding='utf-8'))):
            found.append((file, line, fault))
    for file in [*_files('*/*.msg', 'fer_msgs'), *_files('*/*.srv', 'fer_msgs')]:
        text = file.read_text(encoding='utf-8')
        for line, fault in faults(re.sub(r'^#', ' ', text, flags=re.MULTILINE), prose=False):
            found.append((file, line, fault))
    packages = ('fer_ros', 'training', 'benchmark', 'launch', 'docs/_ext')
    for file in _files('**/*.py', *packages, 'test'):
        source = file.read_text(encoding='utf-8')
        is_test = file.is_relative_to(ROOT / 'test')
        for line, text in (*(texts_of_tests if is_test else strings)(source), *comments(source)):
            for _, fault in faults(text, prose=False):
                found.append((file, line, fault))
    return [f'{file.relative_to(ROOT)}:{line}: {fault}' for file, line, fault in found]


def main() -> int:
    """Print each fault; return 1 if there is one."""
    found = check_all()
    print(*found, sep='\n', end='\n' if found else '')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
