"""How people are followed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackConfig:
    """Thresholds of the tracker; lengths in frames, distances in body heights."""

    # The detector looks at every so many frames, and at each one for a while after somebody
    # appeared or was lost. The pipeline sets it by the clip's rate: this is for 30 a second.
    # Held-out recall and precision, 1: 83.9, 72.1; 3: 84.7, 73.7; 8: lower.
    every: int = 3
    # Length of that while.
    alert: int = 4
    # A detection at least this sure may begin a track; weaker ones may only continue one.
    start_score: float = 0.3
    # A detection belongs to a track if it overlaps the predicted box at least this much (IoU) ...
    least_overlap: float = 0.2
    # ... or if its middle is this near in heights and its size alike (fast motion, low rates).
    reach: float = 0.35
    # Skeletons have a say unless only one track and one detection come into question and overlap
    # at least this much: weight of their likeness (OKS) against that of boxes (IoU), times how
    # sure the skeletons are; 0 for boxes alone ...
    clear_overlap: float = 0.5
    skeleton_weight: float = 0.8
    # ... and whose skeletons are less alike, both at least so sure, is somebody else; 0: nobody is
    # ruled out (0.3 cost 8 points of IDF1 with our own networks, whose skeletons err in crowds).
    least_likeness: float = 0.0
    trusted: float = 0.6
    # Where somebody looks more unlike a track than people usually stray (in spreads, see
    # inference.track.looks), that much times this is added to the cost; 0: looks have no say.
    look_weight: float = 0.5
    usual_unlikeness: float = 1.2
    # Looks count where others' boxes cover at most this share of the own.
    most_covered: float = 0.15
    # What a detection costs more for each frame that a track has not been seen: whoever was seen
    # last comes first.
    age_cost: float = 0.02
    # A track that finds no detection for longer ends.
    patience: int = 15
    # A person whom the detector lost is carried on by a skeleton at least this sure on average
    # in the predicted box; above 1: never.
    carry_score: float = 0.5
    # If it is like the one before (OKS).
    carry_likeness: float = 0.6
    # For at most so long.
    carry: int = 15
    # After two people met each gets the other's way if that makes both together so much less
    # unlike themselves; 0: never.
    swap_margin: float = 0.25
    # Whoever looks more unlike than this is not the same person come back.
    most_unlike: float = 2.2
    # Ended tracks go on in a later one after at most this gap, and this far away in heights.
    stitch_gap: int = 60
    stitch_reach: float = 0.8
    # Whoever leaves over an edge of the picture and is back at the same edge after at most this
    # gap, as large as before up to this factor, is the same person.
    return_gap: int = 150
    return_ratio: float = 1.3
    # Heights or widths that differ by more than this factor are not the same person.
    size_ratio: float = 1.8
    # Spread of the smoothing of boxes over time, 0 for none.
    smoothing: float = 2.0
    # Tracks shorter than this (or than half of a shorter clip) are dropped.
    least_length: int = 8
    # Tracks whose detections are less sure on average are dropped.
    least_mean_score: float = 0.3
    # So are those less sure than this share of the surest: in a dark place where even the best
    # is doubtful, little is asked; beside somebody clearly seen, shadows do not count. 0.7 lost one
    # true box in eight of composed scenes; on clips of one person 0, 0.5 and 0.7 did the same.
    least_relative_score: float = 0.55
    # Tracks whose surer half of the joints is less sure than this on average are no people. It is
    # against patterns (0.27 and 0.29 on a chequered test clip); in dark clips it does not tell them
    # apart: true tracks 0.47 to 0.96, false ones 0.52 to 0.84.
    least_joint_score: float = 0.35
    # Of two tracks that overlap more than this over their common frames, the weaker is dropped.
    most_overlap: float = 0.6
    # Most people in a clip, longest first.
    max_people: int = 16

    @property
    def lag(self) -> int:
        """After so many frames nothing changes what is known of a frame."""
        return max(self.patience + self.least_length, round(3 * self.smoothing)) + self.every
