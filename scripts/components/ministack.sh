# Starts MiniStack, which plays several services of AWS. Sourced after lib.sh.

ministack_version=1.5.33

# Installs MiniStack into target/components and starts it; sets `ministack_port`.
start_ministack() {
  local folder=$components/ministack
  local venv=$folder/$ministack_version
  need python3 python3
  if [[ ! -x $venv/bin/ministack ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv" || skip "python3 cannot make a virtual environment"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "ministack==$ministack_version" ||
      skip "pip cannot install ministack==$ministack_version"
  fi
  ministack_port=$(free_port)
  start "$folder/server.log" env BIND_HOST=127.0.0.1 GATEWAY_PORT="$ministack_port" \
    "$venv/bin/ministack"
  wait_for_port "$ministack_port" "$folder/server.log"
}
