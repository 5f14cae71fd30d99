// GraphiQL on this server's own endpoint. It is served from here like everything else: nothing is fetched elsewhere.
const EXAMPLE = `# What a period cost and brought, beside the compared one.
# Ctrl+Enter runs it; the book on the left explains every type and field.
query Overview($filter: FilterInput) {
  overview(filter: $filter) {
    start
    end
    currency
    totals {
      isFinal
      claimRatio
      kpis { spend revenue conversions roas cpa }
      previous { spend revenue roas }
    }
    breakdown(by: CHANNEL) { label kpis { spend roas } }
  }
}
`;

const root = ReactDOM.createRoot(document.getElementById("graphiql"));
root.render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: EXAMPLE,
    variables: JSON.stringify({ filter: { compare: "PREVIOUS" } }, null, 2),
    defaultEditorToolsVisibility: "variables",
    shouldPersistHeaders: false,
  }),
);
