# The app for strangers: replay, explanation and evidence, nothing is trained and nothing written.
#   docker build -t sgd-lab . && docker run -p 8501:8501 --read-only --tmpfs /tmp sgd-lab
# Behind a proxy (deploy/compose.yaml) name the host: docker run ... sgd-lab --network --host lab.example.org
FROM python:3.12-slim
RUN useradd --create-home --uid 1000 lab
WORKDIR /app
COPY requirements-explore.txt ./
RUN pip install --no-cache-dir --no-compile -r requirements-explore.txt
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY sgd_core sgd_core
COPY cached_runs cached_runs
RUN python -m compileall -q app.py pages sgd_core
USER lab
ENV SGD_MODE=explore SGD_CACHE_DIR=/tmp/sgd-lab HOME=/tmp OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "sgd_core", "serve", "--explore"]
CMD ["--network"]
