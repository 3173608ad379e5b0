"""What the Lambda functions need beside documents: settings, clients, and everything that talks to AWS."""
