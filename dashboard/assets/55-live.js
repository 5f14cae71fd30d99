// The Live page asks for news only while somebody looks at it.
(function () {
  "use strict";
  const callbacks = (window.dash_clientside = window.dash_clientside || {});
  callbacks.causeway = Object.assign(callbacks.causeway || {}, {
    whileVisible: (ticks) => (document.hidden ? callbacks.no_update : ticks),
  });
})();
