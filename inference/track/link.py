"""Links detections of a whole clip into tracks, for whoever has them all and no skeletons."""

from __future__ import annotations

from collections.abc import Sequence

from inference.track.config import TrackConfig
from inference.track.follow import Follower, Pose
from inference.track.looks import Looks
from inference.track.result import laid_out
from inference.track.stitch import chosen, stitched
from inference.track.tracklet import Tracklet
from inference.track.untangle import untangled
from inference.types import Detections, Floats, Tracks


def track(
    detections: Sequence[Detections],
    size: tuple[int, int],
    config: TrackConfig | None = None,
    pose: Pose | None = None,
    looks: Looks | None = None,
) -> Tracks:
    """Follow the people of a clip.

    Args:
        detections: one for each of T frames; only those are used that ``config.every`` asks for.
        size: (width, height) px of the frames; boxes are clipped to it.
        config: thresholds.
        pose: estimates skeletons of boxes, where they may help to tell people apart.
        looks: tells what people look like, likewise.

    Returns:
        At most ``max_people`` tracks, those with most frames first. Gaps up to ``stitch_gap`` are
        filled and marked ``interpolated``, with scores between those of their ends.
    """
    settings = config or TrackConfig()
    follower = Follower(
        lambda frames: [detections[f] for f in frames], pose, size, settings, looks=looks
    )
    follower.advance(len(detections), last=True)
    for tracklet, stretch in follower.ripe(len(detections), last=True):
        tracklet.posed.append(stretch)
    people = people_of(follower, len(detections))
    return laid_out(people, len(detections), 0, size[0], settings)[0]


def people_of(follower: Follower, frames: int) -> list[Tracklet]:
    """The people among the tracklets of a clip that has been followed to its end."""
    config = follower.config
    likely = untangled([t for t in follower.tracklets if t.posed], config)
    whole = untangled(stitched(likely, follower.size, config), config)
    return chosen(whole, frames, config)


def boxes_by_frame(tracks: Tracks) -> list[Floats]:
    """The boxes [N, 4] of all people present in each frame, for measuring."""
    present = tracks.present
    return [tracks.boxes_xyxy[present[:, t], t] for t in range(tracks.boxes_xyxy.shape[1])]
