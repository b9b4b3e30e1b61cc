"""The other direction: any client, by its command, judged by its calls and by what it keeps."""
