"""The first page. Start the app with `streamlit run app.py`."""

from sgd_core.ui import path

path.draw_first()
