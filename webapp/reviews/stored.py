"""What reviewing does when a run's results are stored, in the same transaction."""

from webapp.reviews.carry_over import carry_over_corrections
from webapp.reviews.edits.carrying import carry_over_edits
from webapp.reviews.sketches import sketch_run
from webapp.runs.models import PipelineRun


def note_run_stored(*, run: PipelineRun) -> None:
    """Take corrections and edits along, and sketch the new segments for the queue."""
    carry_over_corrections(run=run)
    carry_over_edits(run=run)
    sketch_run(run=run)
