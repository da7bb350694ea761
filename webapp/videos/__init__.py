"""Uploaded clips: resumable upload, ingest and the library."""
