-- wrk sends the published example row with every request, and counts what is not a success.
local file = assert(io.open(os.getenv("ROW")))
wrk.method = "POST"
wrk.body = file:read("a")
wrk.headers["Content-Type"] = "application/json"
