"""Where runs are kept, and how they get started; the queue stands above what is kept."""
