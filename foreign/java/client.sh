#!/bin/sh
# Makes Java classes of the WSDL, compiles the round with them and runs it: see ../README.md.
# JAXWS is where the Debian package `jaxws` lies, unless it is said.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=${JAXWS:-/usr/share/jaxws}/lib
quick='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' # these programs end before it pays to compile more
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir "$made/classes"

# Java trusts what lies in a store of its own; the standard properties name it.
trust=
for given; do
    case $given in ca=*)
        keytool -importcert -noprompt -alias broker -file "${given#ca=}" \
            -storetype PKCS12 -keystore "$made/trust" -storepass changeit 2>"$made/said" ||
            { cat "$made/said" >&2; exit 1; }
        trust="-Djavax.net.ssl.trustStore=$made/trust -Djavax.net.ssl.trustStorePassword=changeit" ;;
    esac
done

# -extension, or wsimport ignores a port of SOAP 1.2. Three services may have types of one name:
# each gets a package of its own.
for given; do
    case $given in sessions=* | monitors=* | phonemode=* | agents=*)
        # shellcheck disable=SC2086  # several words, or none
        java $quick $trust -jar "$jars/jaxws-tools.jar" -quiet -extension -Xnocompile -keep \
            -d "$made" -s "$made" -p "${given%%=*}" "${given#*=}" ;;
    esac
done
javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -proc:none -nowarn \
    -d "$made/classes" -cp "$jars/*" "$here"/*.java "$made"/*/*.java
# The property only keeps the runtime from warning that it found its own factory by an old name.
# shellcheck disable=SC2086  # the same
java $quick $trust -Djavax.xml.soap.SAAJMetaFactory=com.sun.xml.messaging.saaj.soap.SAAJMetaFactoryImpl \
    -cp "$made/classes:$jars/jaxws-rt.jar" Client "$@"
