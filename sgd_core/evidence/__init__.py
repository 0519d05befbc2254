"""What the runs show: statistics over seeds and the sentences that state them."""
