wrk.method = "POST"
wrk.body = string.rep("x", 16 * 1024)
