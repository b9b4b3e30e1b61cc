"""Pages and downloads: translate, never decide."""
