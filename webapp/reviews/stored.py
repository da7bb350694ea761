"""What reviewing does when a run's results are stored, in the same transaction."""

from webapp.reviews.carry_over import carry_over_corrections
from webapp.reviews.sketches import sketch_run
from webapp.runs.models import PipelineRun


def note_run_stored(*, run: PipelineRun) -> None:
    """Take corrections along, and sketch the new segments for the queue."""
    carry_over_corrections(run=run)
    sketch_run(run=run)
