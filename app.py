"""The first page, and the server that shows all of them. Start it with `streamlit run app.py`."""

import streamlit as st

from sgd_core.ui.shell import guard

if __name__ == "__main__":  # as a page
    from sgd_core.ui import path

    path.draw_first()
else:
    app = st.App(__file__, middleware=guard.MIDDLEWARE, lifespan=guard.serving)
