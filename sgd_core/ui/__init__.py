"""Charts and the few Streamlit helpers that pages share."""
