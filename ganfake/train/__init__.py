"""Training: data, losses and one readable loop per task."""
