"""What people say about predictions: corrections and the queue."""
