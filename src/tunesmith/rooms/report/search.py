"""The page of a search."""
from pathlib import Path
from tunesmith.trials import Search
def search_page(search: Search, path: Path) -> Path:
    path.write_text("", encoding="utf-8")
    return path
