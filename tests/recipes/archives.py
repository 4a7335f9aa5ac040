"""Archives with the layout of published data sets and models, and next to nothing inside."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping

Tree = Mapping[str, bytes]
"""Paths inside an archive, to contents."""
Files = Mapping[str, bytes]
"""What a server has: names of files, to contents."""

_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
_MB = 1 << 20


def tar(tree: Tree) -> bytes:
    """A tar archive. Scripts are executable."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, data in tree.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o755 if data.startswith(b"#!") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def zipped(tree: Tree) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in tree.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def imagenet_val() -> Files:
    names = (f"ILSVRC2012_val_{number:08}.JPEG" for number in range(1, 501))
    return {"ILSVRC2012_img_val_500.tar": tar(dict.fromkeys(names, _JPEG))}


def imagenet_aux() -> Files:
    classes = [f"n{1440764 + number:08}" for number in range(1000)]
    tree = {
        "synset_words.txt": "".join(f"{name} a thing\n" for name in classes).encode(),
        "synsets.txt": "".join(f"{name}\n" for name in classes).encode(),
        "val.txt": b"ILSVRC2012_val_00000001.JPEG 65\n",
        "train.txt": b"n01440764/n01440764_10026.JPEG 0\n",
        "imagenet_mean.binaryproto": b"\x08\x01",
    }
    return {"caffe_ilsvrc12.tar.gz": gzip.compress(tar(tree))}


def imagenet_calibration() -> Files:
    lists = {1: range(1, 501), 2: range(501, 1001)}
    return {
        f"cal_image_list_option_{option}.txt": "".join(
            f"ILSVRC2012_val_{number:08}.JPEG\n" for number in numbers
        ).encode()
        for option, numbers in lists.items()
    }


def cifar_10() -> Files:
    names = ["batches.meta", "readme.html", "test_batch", *(f"data_batch_{n}" for n in range(1, 6))]
    tree = {f"cifar-10-batches-py/{name}": b"\x80\x02." for name in names}
    return {"cifar-10-python.tar.gz": gzip.compress(tar(tree))}


def coco_annotations() -> Files:
    kinds = ("captions", "instances", "person_keypoints")
    tree = {f"annotations/{k}_{s}2017.json": b"{}" for k in kinds for s in ("train", "val")}
    return {"annotations_trainval2017.zip": zipped(tree)}


def coco_val() -> Files:
    images = {f"val2017/{number:012}.jpg": _JPEG for number in range(139, 5139)}
    return {**coco_annotations(), "val2017.zip": zipped(images)}


def librispeech() -> Files:
    tree = {
        "LibriSpeech/SPEAKERS.TXT": b";ID  |SEX| SUBSET           |MINUTES| NAME\n",
        "LibriSpeech/dev-clean/1272/128104/1272-128104-0000.flac": b"fLaC",
    }
    return {"dev-clean.tar.gz": gzip.compress(tar(tree))}


def mnist() -> Files:
    kinds = ("images-idx3", "labels-idx1")
    return {f"{s}-{k}-ubyte.gz": f"{s} {k}".encode() for s in ("train", "t10k") for k in kinds}


def squad() -> Files:
    return {"dev-v2.0.json": b'{"version": "v2.0", "data": []}'}


def weights(name: str, size: int) -> Callable[[], Files]:
    """One file of *size* MB, a little more than the least that a check asks for."""
    return lambda: {name: bytes(size * _MB + 1)}


DATA: Mapping[str, Callable[[], Files]] = {
    "dataset.cifar-10": cifar_10,
    "dataset.coco-2017-annotations": coco_annotations,
    "dataset.coco-2017-val": coco_val,
    "dataset.imagenet-aux": imagenet_aux,
    "dataset.imagenet-calibration": imagenet_calibration,
    "dataset.imagenet-val": imagenet_val,
    "dataset.librispeech": librispeech,
    "dataset.mnist": mnist,
    "dataset.squad": squad,
    "model.bert-large-onnx": weights("model.onnx", 200),
    "model.resnet50-onnx": weights("resnet50_v1.onnx", 90),
    "model.resnet50-pytorch": weights("resnet50-19c8e357.pth", 90),
    "model.retinanet-onnx": weights("resnext50_32x4d_fpn.onnx", 100),
}
"""What the newest version of a recipe fetches."""
