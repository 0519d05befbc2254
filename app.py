"""First page."""

import streamlit as st

from sgd_core.ui import page

page.setup("SGD lab")
st.title("What does SGD's noise find?")
