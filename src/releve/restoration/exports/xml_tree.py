"""XML from others, read without trust: no document type, no entities, bounded in size, depth and number of elements.

Pure. Every element keeps the line it began on, because what is wrong is said by line.
"""

from __future__ import annotations

from xml.parsers import expat

__all__ = ["BYTES_MAX", "Element", "XmlError", "read_xml"]

BYTES_MAX = 64 * 1024 * 1024  # a file of 5,000 tasks with time-phased data is some 20 MB
_DEPTH_MAX = 64
_ELEMENTS_MAX = 1_000_000


class XmlError(ValueError):
    """A file cannot be read as XML: the message names the line and what was expected there."""


class Element:
    """One element: its name without namespace, the line it begins on, its text and the elements in it."""

    __slots__ = ("children", "line", "name", "namespace", "text")

    def __init__(self, name: str, namespace: str, line: int) -> None:
        self.name = name
        self.namespace = namespace
        self.line = line
        self.text = ""
        self.children: list[Element] = []

    def all(self, name: str) -> list[Element]:
        """Return the elements of this name in it, in order."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> Element | None:
        """Return the first element of this name in it."""
        return next((child for child in self.children if child.name == name), None)

    def value(self, name: str) -> str:
        """Return the text of the first element of this name, without blanks around; "" when there is none."""
        found = self.first(name)
        return found.text.strip() if found is not None else ""

    def flag(self, name: str, otherwise: bool = False) -> bool:
        """Return the truth of the first element of this name: `1` or `true` (xsd:boolean), `otherwise` without one."""
        text = self.value(name)
        return text in ("1", "true") if text else otherwise


def read_xml(data: bytes, *, shallow: frozenset[str] = frozenset()) -> Element:
    """Return the root of a document; of the elements named in `shallow` what is in them is left out.

    Raises:
        XmlError: not well-formed, too large, too deep, or with a document type or entities of its own.
    """
    if len(data) > BYTES_MAX:
        raise XmlError(f"expected a file of {BYTES_MAX // 2**20} MB at most")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    builder = _Builder(parser, shallow)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(
            f"line {error.lineno}: expected well-formed XML ({expat.ErrorString(error.code)})"
        ) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, XmlError):
            raise
        raise XmlError("line 1: expected an encoding such as UTF-8") from error
    if builder.root is None:
        raise XmlError("line 1: expected an XML document")
    return builder.root


class _Builder:
    def __init__(self, parser: expat.XMLParserType, shallow: frozenset[str]) -> None:
        self._parser = parser
        self._shallow = shallow
        self._open: list[Element] = []
        self._pieces: list[list[str]] = []
        self._count = 0
        self.root: Element | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        self._count += 1
        if len(self._open) >= _DEPTH_MAX:
            raise XmlError(f"line {line}: expected {_DEPTH_MAX} levels at most")
        if self._count > _ELEMENTS_MAX:
            raise XmlError(f"line {line}: expected {_ELEMENTS_MAX} elements at most")
        namespace, _, local = name.rpartition(" ")
        element = Element(local, namespace, line)
        if self._open:
            if self._open[-1].name not in self._shallow:
                self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._pieces.append([])

    def end(self, name: str) -> None:
        self._open.pop().text = "".join(self._pieces.pop())

    def text(self, data: str) -> None:
        self._pieces[-1].append(data)

    def refuse(self, *told: object) -> None:
        line = self._parser.CurrentLineNumber
        raise XmlError(f"line {line}: expected no document type and no entities: they are not read")
