# Shared by bin/demo and bin/test: find a Python, make an environment. Sourced, not run.

recent() {
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if recent "$name"; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 or later is needed, and ${PYTHON:-python3} is not." \
        "Install one, or name it: PYTHON=/path/to/python $0" >&2
    return 2
}

# make_environment FOLDER REQUIREMENT...: an environment with these installed; made anew when the
# requirements, the lock, the Python or the place of the checkout changed.
make_environment() {
    folder=$1
    shift
    python=$(find_python)
    wanted="$(pwd) $("$python" -VV) $* $(cksum requirements.lock pyproject.toml)"
    if [ -f "$folder/made-from" ] && [ "$(cat "$folder/made-from")" = "$wanted" ]; then
        return
    fi
    echo "Setting up $folder ..." >&2
    rm -rf "$folder"
    if ! "$python" -m venv "$folder" >"$folder.log" 2>&1; then
        cat "$folder.log" >&2
        rm -rf "$folder" "$folder.log"
        echo "$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
        return 2
    fi
    rm -f "$folder.log"
    "$folder/bin/python" -m pip --disable-pip-version-check install --quiet --use-pep517 --constraint requirements.lock "$@"
    printf '%s' "$wanted" >"$folder/made-from"
}
