"""What every app stands on: errors, base model, storage and HTTP ranges."""
