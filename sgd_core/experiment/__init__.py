"""What a run is. Pure Python: no torch, no Streamlit, no I/O."""
