"""The table of commands: ``python -m inference NAME``; one module each.

A module gives ``HELP: str``, ``add_arguments(parser)`` and ``run(args) -> int`` (the exit status).
It is imported only when its command is used, so that light commands start fast.
"""

COMMANDS = {
    "predict": "inference.commands.predict",
    "poses": "inference.commands.poses",
    "render": "inference.commands.render",
    "import-checkpoint": "inference.commands.import_checkpoint",
    "adapt": "inference.commands.adapt",
    "train-detector": "inference.commands.train_detector",
    "train-pose": "inference.commands.train_pose",
    "train-action": "inference.commands.train_action",
    "evaluate-detector": "inference.commands.evaluate_detector",
    "evaluate-tracker": "inference.commands.evaluate_tracker",
    "evaluate-pose": "inference.commands.evaluate_pose",
    "evaluate-action": "inference.commands.evaluate_action",
    "legacy": "inference.commands.legacy",
}

SUMMARIES = {
    "predict": "name the action in clips",
    "poses": "write a clip's people and skeletons to a file",
    "render": "write a demo clip of a rendered figure in a dark room",
    "import-checkpoint": "write a published pose network's weights in our own form",
    "adapt": "fine-tune the pose network on your own clips",
    "train-detector": "train the person detector",
    "train-pose": "train the pose network",
    "train-action": "train the action head",
    "evaluate-detector": "measure the person detector",
    "evaluate-tracker": "count splits and swaps of the tracker",
    "evaluate-pose": "measure the pose network",
    "evaluate-action": "measure the action head",
    "legacy": "predict and train as the published Dark_DCPose program does",
}
"""One line for each command in the overview."""
