"""COCO and YouTube-VIS: what is where on every frame; in the one a frame is an image, in the other a clip is a video.

No pixel is copied: a file name is the clip's video, from the dataset's folder, and `frame_id`, or the place in
`file_names`, is the frame's number in it. Ids count from 1 (evaluators take 0 for "no match") in the order of names,
frames and tracks, in each shard anew. Frames that show nothing are there, without annotations. Without known masks a
row has no segmentation, and its area is its box's. Keypoints, where they are known, stand with the frames: COCO counts
them in pixel indices, where the first pixel's centre is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from augment.labels.keypoints import KEYPOINTS
from synth.config import vocabulary
from synth.dataset.canonical import canonical, check_name
from synth.dataset.clip import VIDEO, Clip

Document = dict[str, Any]
SKELETON = {
    "keypoints": list(KEYPOINTS),
    # COCO's own limbs, as pairs of places in the list above that count from 1
    "skeleton": [[16, 14], [14, 12], [17, 15], [15, 13], [12, 13], [6, 12], [7, 13], [6, 7], [6, 8], [7, 9], [8, 10],
                 [9, 11], [2, 3], [1, 2], [1, 3], [2, 4], [3, 5], [4, 6], [5, 7]],
}  # fmt: skip
"""What COCO says of the category person."""


def write(folder: Path, stem: str, clips: Sequence[Clip]) -> list[str]:
    """Writes `<stem>.coco.json` and `<stem>.ytvis.json`; returns their names."""
    check_name(stem, "stem")
    ordered = sorted(clips, key=lambda one: check_name(one.name, "name"))
    made = []
    for suffix, document in (("coco", frames), ("ytvis", videos)):
        path = folder / f"{stem}.{suffix}.json"
        path.write_bytes(canonical(document(ordered)))
        made.append(path.name)
    return made


def frames(clips: Sequence[Clip]) -> Document:
    """COCO: an image per frame, an annotation per thing that shows on it."""
    head = _head(clips)
    licences = _ids(one["name"] for one in head["licenses"])
    images: list[Document] = []
    annotations: list[Document] = []
    for video_id, clip in enumerate(clips, 1):
        first_id = len(images) + 1
        width, height = clip.document["media"]["size_px"]
        same = {"file_name": _file(clip), "width": width, "height": height, "video_id": video_id}
        for frame in range(clip.document["media"]["frames"]):
            images.append({"id": first_id + frame, **same, "frame_id": frame, "license": licences[_licence(clip)]})
        for frame, track, category_id, shown in _shown(clip):
            ids = {"id": len(annotations) + 1, "image_id": first_id + frame, "category_id": category_id}
            annotations.append({**ids, "track_id": track, "iscrowd": 0, **shown})
    if any("keypoints" in shown for shown in annotations):
        people = [{**one, **SKELETON} if one["name"].startswith("person_") else one for one in head["categories"]]
        head["categories"] = people
    return {**head, "videos": list(_videos(clips)), "images": images, "annotations": annotations}


def videos(clips: Sequence[Clip]) -> Document:
    """YouTube-VIS: an annotation per thing, with one entry per frame: null where it does not show."""
    annotations: list[Document] = []
    number = count(1)
    for video_id, clip in enumerate(clips, 1):
        length = clip.document["media"]["frames"]
        tracks: dict[int, Document] = {}
        for frame, track, category_id, shown in _shown(clip):
            if track not in tracks:
                empty = {name: [None] * length for name in ("bboxes", "areas", "segmentations")}
                tracks[track] = {"video_id": video_id, "category_id": category_id, "track_id": track, **empty}
            tracks[track]["bboxes"][frame] = shown["bbox"]
            tracks[track]["areas"][frame] = shown["area"]
            tracks[track]["segmentations"][frame] = shown.get("segmentation")
        annotations += [{"id": next(number), "iscrowd": 0, **tracks[track]} for track in sorted(tracks)]
    listed = [
        {**one, "file_names": [_file(clip)] * one["length"]} for one, clip in zip(_videos(clips), clips, strict=True)
    ]
    return {**_head(clips), "videos": listed, "annotations": annotations}


def mask_area(counts: bytes) -> int:
    """Pixels of a mask, from its compressed RLE counts as they stand.

    The counts are runs of background and mask in turn. A run is written as 5-bit digits, least first, in characters
    from "0", where 32 says that more follow and 16 in the last one that it is negative; from the fourth on it is the
    difference from the run before the last.
    """
    codes = np.frombuffer(counts, np.uint8).astype(np.int64) - 48
    if not len(codes):
        return 0
    last = np.flatnonzero(codes & 32 == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    digits = last - first + 1
    place = 5 * (np.arange(len(codes)) - np.repeat(first, digits))
    runs = np.add.reduceat((codes & 31) << place, first)
    runs -= np.where(codes[last] & 16, 1 << 5 * digits, 0)
    return int(np.cumsum(runs[1::2]).sum())


def _shown(clip: Clip) -> Iterator[tuple[int, int, int, Document]]:
    """(frame, track, category, bbox and area and segmentation) of each row in which something shows."""
    labels = clip.labels()
    rows, category_ids = labels.tracks, _ids(vocabulary()["track_classes"])
    class_of = {thing.id: thing.track_class for thing in rows.things}
    width, height = clip.document["media"]["size_px"]
    for row in range(len(rows.frame)):
        x0, y0, x1, y1 = rows.box_px[row].tolist()
        if not (rows.visible[row] > 0 and x1 > x0 and y1 > y0):
            continue
        shown: Document = {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)}
        if rows.mask is not None:
            counts = rows.mask[row]
            shown["area"] = mask_area(counts)
            shown["segmentation"] = {"size": [height, width], "counts": counts.decode("ascii")}
        if rows.keypoints_px is not None and rows.keypoints_px[row, :, 2].any():
            shown |= _keypoints(rows.keypoints_px[row])
        track = int(rows.track[row])
        yield int(rows.frame[row]), track, category_ids[class_of[track]], shown


def _keypoints(points: Any) -> Document:
    """As COCO writes them: 17 times x, y, v, and how many have v above 0."""
    known = points[:, 2] > 0
    flat = [number for x, y, v in points.tolist() for number in ((x - 0.5, y - 0.5, int(v)) if v else (0, 0, 0))]
    return {"keypoints": flat, "num_keypoints": int(known.sum())}


def _head(clips: Sequence[Clip]) -> Document:
    """What both documents begin with: what this is, under which licences, and the vocabulary's classes."""
    said = sorted({str(clip.document.get("provenance", {}).get("marking", "")) for clip in clips} - {""})
    return {
        "info": {"description": "; ".join(said)},
        "licenses": [{"id": n, "name": name} for name, n in _ids(sorted({_licence(clip) for clip in clips})).items()],
        "categories": [{"id": n, "name": name} for name, n in _ids(vocabulary()["track_classes"]).items()],
    }


def _videos(clips: Sequence[Clip]) -> Iterator[Document]:
    for number, clip in enumerate(clips, 1):
        media = clip.document["media"]
        width, height = media["size_px"]
        yield {"id": number, "name": clip.name, "width": width, "height": height, "length": media["frames"]}


def _file(clip: Clip) -> str:
    return f"clips/{clip.name}/{VIDEO}"


def _licence(clip: Clip) -> str:
    """The clip's licences as the index says them."""
    return "; ".join(clip.document.get("provenance", {}).get("licences", ()))


def _ids(names: Any) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names, 1)}
