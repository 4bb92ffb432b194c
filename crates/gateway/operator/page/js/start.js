// The beginning: what each event changes.

const state = { status: {}, routes: [], pools: [], errors: [] };
const MOST_ERRORS = 200;

function showAll() {
  showVerdict(state);
  showPools(state.pools);
  showDemo(state);
  routesTable(state.routes);
  errorsTable(state.errors);
  showFacts(state.status);
  drawPlots();
}

const taking = {
  snapshot(now) {
    Object.assign(state, {
      status: now.status ?? {},
      routes: now.routes ?? [],
      pools: now.pools ?? [],
      errors: now.errors ?? [],
    });
    remember(now.history);
  },
  tick(now) {
    Object.assign(state, {
      status: now.status ?? state.status,
      routes: now.routes ?? state.routes,
      pools: now.pools ?? state.pools,
    });
    append(now.sample);
  },
  pools(now) {
    state.pools = now.pools ?? state.pools;
  },
  failure(error) {
    state.errors = [error, ...state.errors].slice(0, MOST_ERRORS);
  },
};

function take(name, data) {
  taking[name]?.(data);
  byId('live').hidden = false;
  byId('link').dataset.link = 'live';
  document.body.dataset.link = 'live';
  document.body.dataset.known = 'yes';
  put(byId('link'), `live · ${clock(state.status.now ?? new Date())}`);
  showAll();
}

/** What is shown is old from here on, and the page says so first. */
function lost(why) {
  if (document.body.dataset.link === 'lost') return;
  document.body.dataset.link = 'lost';
  byId('live').hidden = false;
  byId('link').dataset.link = 'lost';
  put(byId('link'), 'not connected');
  byId('headline').dataset.level = NOBODY;
  const old = state.status.now ? ' What is below is old.' : '';
  put(byId('headline'), `No word from the gateway since ${clock(new Date())}: ${why}.${old}`);
  document.title = '● No word from the gateway';
}

byId('plots').append(...plots.map(one => one.node));
byId('pools').append(poolTable);
stayConnected(take, lost);
