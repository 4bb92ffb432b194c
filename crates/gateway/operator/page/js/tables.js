// Routes and errors.

const routesTable = table(
  byId('routes'),
  'Routes',
  [
    text('Route', ({ name, match = name }) => (match === name ? name : `${name}: ${match}`), 'code'),
    text('To', route => `${route.to ?? NONE}${route.gated ? ', not for everyone' : ''}`),
    digits('Requests/s', route => figure(route.requests_per_second)),
    digits('Errors/s', route => figure(route.errors_per_second)),
    digits('p50', route => ms(route.p50_ms)),
    digits('p99', route => ms(route.p99_ms)),
    digits('In flight', route => whole(route.in_flight)),
    digits('Requests', route => whole(route.requests)),
    digits('Errors', route => whole(route.errors)),
  ],
  route => route.name,
  'There are no routes.',
);

const errorsTable = table(
  byId('errors'),
  'Last errors',
  [
    text('Time', error => clock(error.at)),
    digits('Status', error => error.status ?? NONE),
    text('Error', error => spoken(error.error)),
    text('Request', error => `${error.method ?? ''} ${error.path ?? ''}`, 'code path'),
    text('Route', error => error.route ?? NONE, 'code'),
    text('Upstream', error => (error.upstream ? short(error.upstream) : NONE), 'code'),
    text('Client', error => error.client ?? NONE, 'code'),
    text('Request id', error => error.request_id ?? NONE, 'code id'),
  ],
  error => `${error.at} ${error.request_id}`,
  'There was no error yet.',
);
