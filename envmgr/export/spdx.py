"""A bill of materials in SPDX 2.3 JSON, written by the project's own library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from envmgr._version import __version__
from envmgr.export.bill import Bill, Item, bill_of, content_uuid, missing, moment
from envmgr.export.result import Export
from envmgr.export.subject import Subject

if TYPE_CHECKING:
    from spdx_tools.spdx.model.actor import Actor
    from spdx_tools.spdx.model.checksum import Checksum
    from spdx_tools.spdx.model.document import Document
    from spdx_tools.spdx.model.package import ExternalPackageRef, Package
    from spdx_tools.spdx.model.relationship import Relationship

_DOCUMENT = "SPDXRef-DOCUMENT"
_ROOT = "SPDXRef-environment"
_PURPOSES = {"data": "FILE", "model": "FILE", "library": "LIBRARY"}


def render(subject: Subject) -> Export:
    """*subject* as a bill. Raises EnvmgrError where the library is missing.

    SPDX wants a time: `subject.epoch`, and where there is none the beginning of 1970.
    """
    try:
        from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
    except ImportError:
        raise missing("spdx-tools") from None
    document = _document(subject, bill_of(subject))
    form = DocumentConverter().convert(document)  # type: ignore[no-untyped-call]
    # A document is known by its namespace, which must say what the document says.
    del form["documentNamespace"]
    form["documentNamespace"] = content_uuid(json.dumps(form, sort_keys=True)).urn
    text = json.dumps(form, indent=2, sort_keys=True) + "\n"
    return Export({"spdx.json": text}, subject.entries)


def _document(subject: Subject, bill: Bill) -> Document:
    from spdx_tools.spdx.model.actor import Actor, ActorType
    from spdx_tools.spdx.model.document import CreationInfo, Document

    info = CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id=_DOCUMENT,
        name=subject.name,
        document_namespace="urn:envmgr",
        creators=[Actor(ActorType.TOOL, f"envmgr-{__version__}")],
        # The library writes the time as it is and calls it UTC.
        created=moment(subject.epoch).replace(tzinfo=None),
        document_comment=f"lock sha256:{subject.lock}" if subject.lock else None,
    )
    packages = [_root(subject), *map(_package, bill.items)]
    return Document(info, packages=packages, relationships=list(_relationships(bill)))


def _root(subject: Subject) -> Package:
    from spdx_tools.spdx.model.package import Package
    from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion

    return Package(_ROOT, subject.name, SpdxNoAssertion(), files_analyzed=False,
                   summary=f"An environment on {subject.platform}")  # fmt: skip


def _package(item: Item) -> Package:
    from spdx_tools.spdx.model.package import Package, PackagePurpose
    from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion

    return Package(
        spdx_id=_id(item.ref),
        name=item.name,
        version=item.version or None,
        download_location=item.address or SpdxNoAssertion(),
        files_analyzed=False,
        supplier=_supplier(item),
        checksums=_checksums(item),
        homepage=item.homepage,
        comment="\n".join(f"{name}={value}" for name, value in item.properties.items()) or None,
        external_references=_references(item),
        primary_package_purpose=PackagePurpose[_PURPOSES.get(item.kind, "APPLICATION")],
    )


def _id(ref: str) -> str:
    return f"SPDXRef-{ref}"


def _references(item: Item) -> list[ExternalPackageRef]:
    from spdx_tools.spdx.model.package import ExternalPackageRef, ExternalPackageRefCategory

    kind = ExternalPackageRefCategory.PACKAGE_MANAGER
    return [ExternalPackageRef(kind, "purl", item.purl)] if item.purl else []


def _supplier(item: Item) -> Actor | None:
    from spdx_tools.spdx.model.actor import Actor, ActorType

    return Actor(ActorType.ORGANIZATION, item.supplier) if item.supplier else None


def _checksums(item: Item) -> list[Checksum]:
    from spdx_tools.spdx.model.checksum import Checksum, ChecksumAlgorithm

    known = ChecksumAlgorithm.__members__
    return [
        Checksum(known[name.upper()], digest)
        for name, digest in item.checksums
        if name.upper() in known
    ]


def _relationships(bill: Bill) -> Iterator[Relationship]:
    from spdx_tools.spdx.model.relationship import Relationship, RelationshipType

    yield Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _ROOT)
    for item in bill.items:
        yield Relationship(_ROOT, RelationshipType.CONTAINS, _id(item.ref))
    for ref in bill.top:
        yield Relationship(_ROOT, RelationshipType.DEPENDS_ON, _id(ref))
    for item in bill.items:
        for need in item.needs:
            yield Relationship(_id(item.ref), RelationshipType.DEPENDS_ON, _id(need))
        for piece in item.made_of:
            yield Relationship(_id(item.ref), RelationshipType.CONTAINS, _id(piece))
