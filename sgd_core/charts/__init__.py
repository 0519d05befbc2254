"""Pictures as data: axes, curves and what they open with, as Vega-Lite. No Streamlit."""
