#!/bin/sh
# Records every capture in this folder anew: real clients and servers on loopback, tcpdump beside them. Needs root,
# tcpdump, node, npm and the .NET SDK.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# record <name> <port> <command…>: one session into <name>.pcap.
record() {
	name=$1 port=$2
	shift 2
	tcpdump -i lo -U -s 0 -w "$here/$name.pcap" "tcp port $port" 2>/dev/null &
	dump=$!
	sleep 1
	"$@"
	sleep 1
	kill "$dump"
	wait "$dump" 2>/dev/null || true
}

cp "$here"/typescript/* "$work"
(cd "$work" && npm install --silent --no-audit --no-fund)
cd "$work"
record ts-streamable 18081 node session.mjs streamable 18081
record ts-json 18082 node session.mjs json 18082
record ts-sse 18083 node session.mjs sse 18083

for version in 2.4.0 1.4.2; do
	dotnet build "$here/csharp" -c Release -o "$work/cs-$version" -p:SdkVersion=$version \
		-p:BaseIntermediateOutputPath="$work/obj-$version/" -v q --nologo
done
record cs-2.4-latest-stateless 18084 dotnet "$work/cs-2.4.0/Session.dll" 18084 latest stateless
record cs-2.4-2025-11-25 18085 dotnet "$work/cs-2.4.0/Session.dll" 18085 2025-11-25 stateful
record cs-2.4-2025-06-18 18086 dotnet "$work/cs-2.4.0/Session.dll" 18086 2025-06-18 stateful
record cs-1.4-2025-03-26 18087 dotnet "$work/cs-1.4.2/Session.dll" 18087 2025-03-26 stateful
