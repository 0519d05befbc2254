"""The answer: what the runs show of noise and training time, all runs on one curve and a verdict on every claim."""
