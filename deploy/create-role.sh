#!/bin/sh
# The database's image runs this once. It creates a role without superuser rights, so that row-level security applies.
set -eu
psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set password="$ROLE_PASSWORD" <<'SQL'
create role memoryos login password :'password';
create database memoryos owner memoryos;
\connect memoryos
create extension vector;
SQL
