"""SQLAlchemy's connection pools under threads, and what happens when one is exhausted."""
# requires: SQLAlchemy

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Column, Integer, String, create_engine, event, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.pool import QueuePool

Base = declarative_base()
made = []


class Row(Base):
    __tablename__ = "rows"
    id = Column(Integer, primary_key=True)
    name = Column(String)


engine = create_engine(
    "sqlite:///rows.db",
    poolclass=QueuePool,
    pool_size=2,
    max_overflow=1,
    pool_timeout=30,
    connect_args={"check_same_thread": False, "timeout": 60},
)
event.listen(engine, "connect", lambda connection, record: made.append(1))
Base.metadata.create_all(engine)


def insert(index: int) -> None:
    with Session(engine) as session, session.begin():
        session.add(Row(name=f"row {index}"))


with ThreadPoolExecutor(8) as pool:
    list(pool.map(insert, range(40)))
with engine.connect() as connection:
    print(connection.execute(text("select count(*), min(name) from rows")).all())
print(len(made) >= 1, engine.pool.checkedout())

small = create_engine("sqlite:///rows.db", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.1)
held, go = threading.Event(), threading.Event()


def hold() -> None:
    with small.connect():
        held.set()
        go.wait()


thread = threading.Thread(target=hold)
thread.start()
held.wait()
try:
    small.connect()
except PoolTimeout as error:
    print(error)
go.set()
thread.join()
engine.dispose()
small.dispose()
