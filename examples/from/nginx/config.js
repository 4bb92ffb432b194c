var config = { hosts: { domain: "meet.example.com" } };
