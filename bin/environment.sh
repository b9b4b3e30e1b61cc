# Shared by bin/demo and bin/test: find a Python, make an environment. Sourced, not run.

find_python() {
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
        [ -n "$name" ] || continue
        command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 or later is needed and was not found. Install it, or name one: PYTHON=/path/to/python $0" >&2
    exit 2
}

# One number for all that a checkout is installed from, so that a changed source is installed again.
sources() {
    [ "$1" = . ] || return 0
    find broker_sim integration conformance -type f ! -name '*.pyc' -exec cksum {} + | sort | cksum
}

# make_environment FOLDER REQUIREMENT...: an environment with these installed, made anew when
# the requirements, the lock or the Python changed.
make_environment() {
    folder=$1
    shift
    python=$(find_python)
    wanted="$("$python" -VV) $* $(cksum requirements.lock pyproject.toml) $(sources "$@")"
    if [ -f "$folder/made-from" ] && [ "$(cat "$folder/made-from")" = "$wanted" ]; then
        return
    fi
    echo "Setting up $folder ..." >&2
    rm -rf "$folder"
    if ! "$python" -m venv "$folder" 2>/dev/null; then
        rm -rf "$folder"
        echo "$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 2
    fi
    "$folder/bin/python" -m pip --disable-pip-version-check install --quiet --constraint requirements.lock "$@"
    printf '%s' "$wanted" >"$folder/made-from"
}
