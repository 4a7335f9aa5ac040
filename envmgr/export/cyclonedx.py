"""A bill of materials in CycloneDX JSON, written by the project's own library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from envmgr._version import __version__
from envmgr.export.bill import Bill, Item, bill_of, content_uuid, missing, moment
from envmgr.export.result import Export
from envmgr.export.subject import Subject

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

_TYPES = {"data": "data", "model": "machine-learning-model", "library": "library",
          "package": "library"}  # fmt: skip
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384",
               "sha512": "SHA-512"}  # fmt: skip


def render(subject: Subject) -> Export:
    """*subject* as a bill. Raises EnvmgrError where the library is missing."""
    try:
        from cyclonedx.output.json import JsonV1Dot6
    except ImportError:
        raise missing("cyclonedx-python-lib") from None
    form = json.loads(JsonV1Dot6(_bom(subject, bill_of(subject))).output_as_string())
    # The library gives every bill the time and a random number; ours say the same thing twice.
    del form["serialNumber"], form["metadata"]["timestamp"]
    if subject.epoch is not None:
        form["metadata"]["timestamp"] = moment(subject.epoch).isoformat()
    form["serialNumber"] = content_uuid(json.dumps(form, sort_keys=True)).urn
    text = json.dumps(form, indent=2, sort_keys=True) + "\n"
    return Export({"bom.json": text}, subject.entries)


def _bom(subject: Subject, bill: Bill) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository

    root = Component(name=subject.name, type=ComponentType.APPLICATION, bom_ref="environment",
                     properties=_properties({"envmgr:platform": subject.platform,
                                             "envmgr:lock": subject.lock or ""}))  # fmt: skip
    maker = Component(name="envmgr", version=__version__, type=ComponentType.APPLICATION)
    components = {item.ref: _component(item) for item in bill.items}
    metadata = BomMetaData(component=root, tools=ToolRepository(components=[maker]))
    bom = Bom(components=components.values(), metadata=metadata)
    bom.register_dependency(root, [components[ref] for ref in bill.top])
    for item in bill.items:
        needed = [components[ref] for ref in (*item.needs, *item.made_of)]
        bom.register_dependency(components[item.ref], needed)
    return bom


def _component(item: Item) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.contact import OrganizationalEntity
    from packageurl import PackageURL

    return Component(
        name=item.name,
        version=item.version or None,
        type=ComponentType(_TYPES.get(item.kind, "application")),
        bom_ref=item.ref,
        purl=PackageURL.from_string(item.purl) if item.purl else None,
        supplier=OrganizationalEntity(name=item.supplier) if item.supplier else None,
        hashes=_hashes(item),
        external_references=_references(item),
        properties=_properties(item.properties),
    )


def _hashes(item: Item) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    known = ((_ALGORITHMS.get(name), digest) for name, digest in item.checksums)
    return [HashType(alg=HashAlgorithm(name), content=digest) for name, digest in known if name]


def _references(item: Item) -> list[ExternalReference]:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    kinds = {
        ExternalReferenceType.WEBSITE: item.homepage,
        ExternalReferenceType.DISTRIBUTION: item.address,
    }
    return [ExternalReference(type=kind, url=XsUri(url)) for kind, url in kinds.items() if url]


def _properties(values: Mapping[str, str]) -> list[Property]:
    from cyclonedx.model import Property

    return [Property(name=name, value=value) for name, value in values.items() if value]
