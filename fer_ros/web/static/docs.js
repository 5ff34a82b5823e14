// No validator badge: it would be fetched from another server.
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', validatorUrl: null });
