#!/bin/sh
# Makes C# classes of the WSDL, compiles the round with them and runs it: see ../README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

ca=
version=1.1
for given; do
    case $given in
        ca=*) ca=${given#ca=} ;;
        version=*) version=${given#version=} ;;
    esac
done
protocol=SOAP
[ "$version" = 1.1 ] || protocol=SOAP12

# wsdl.exe cannot be told whom to trust: curl fetches the documents. Each service gets a namespace
# of its own, as they may have types of one name.
for given; do
    case $given in sessions=* | monitors=* | phonemode=* | agents=*)
        name=${given%%=*}
        curl -sSf ${ca:+--cacert "$ca"} -o "$made/$name.wsdl" "${given#*=}"
        wsdl /nologo "/protocol:$protocol" "/namespace:$name" "/out:$made/$name.cs" "$made/$name.wsdl" >&2 ;;
    esac
done
# Mono trusts what lies in a store of its own; here, one that only this run has.
if [ -n "$ca" ]; then
    export HOME="$made" XDG_CONFIG_HOME="$made/config"
    cert-sync --quiet --user "$ca" >&2
fi
mcs -nologo -warn:0 -r:System.Web.Services -out:"$made/client.exe" "$here"/*.cs "$made"/*.cs
mono "$made/client.exe" "$@"
