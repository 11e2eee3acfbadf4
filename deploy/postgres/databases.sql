-- One database and one owner per service: no service can read another's tables.
CREATE ROLE intake LOGIN PASSWORD 'intake';
CREATE ROLE dispatch LOGIN PASSWORD 'dispatch';
CREATE ROLE notify LOGIN PASSWORD 'notify';
CREATE DATABASE intake OWNER intake;
CREATE DATABASE dispatch OWNER dispatch;
CREATE DATABASE notify OWNER notify;
REVOKE CONNECT ON DATABASE intake, dispatch, notify FROM PUBLIC;
