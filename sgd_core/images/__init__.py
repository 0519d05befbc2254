"""What images there are on this machine: folders listed, sets named and counted; no image is opened here."""
