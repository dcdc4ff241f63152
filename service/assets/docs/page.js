// Starts Swagger UI. validatorUrl is null, or its badge would send the schema to a public validator.
SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
