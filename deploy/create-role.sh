#!/bin/sh
# Run once by the database's image: a role that is no superuser, so that row-level security applies to it.
set -eu
psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set password="$ROLE_PASSWORD" <<'SQL'
create role memoryos login password :'password';
create database memoryos owner memoryos;
\connect memoryos
create extension vector;
SQL
