-- The catalog of format-1.sql as whatsit brought it to format 2, and some decisions more.
BEGIN TRANSACTION;
CREATE TABLE attempts (
    candidate INTEGER NOT NULL REFERENCES candidates (id), time TEXT NOT NULL, host TEXT NOT NULL,
    status INTEGER, kind TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL
);
INSERT INTO "attempts" VALUES(3,'2026-11-29T12:36:46Z','photos.example.org',404,'status','404 Not Found',0.25);
CREATE TABLE candidates (
    id INTEGER PRIMARY KEY, class TEXT NOT NULL, address TEXT NOT NULL, rank INTEGER NOT NULL,
    source TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
    status INTEGER, final_address TEXT, tries INTEGER NOT NULL DEFAULT 0, time TEXT,
    sha256 TEXT, bytes INTEGER, width INTEGER, height INTEGER, format TEXT, photo TEXT,
    UNIQUE (class, address)
);
INSERT INTO "candidates" VALUES(1,'cat','http://photos.example.org/0.jpg',1,'commons','photos.example.org','kept','','',200,'http://photos.example.org/0.jpg',1,'2026-11-29T12:36:46Z','0454e40805599e75ae2b24d946060b46bdcb712ace073ff27fa93435445bcb93',3661,160,120,'JPEG','cat/0.jpg');
INSERT INTO "candidates" VALUES(2,'cat','http://photos.example.org/1.jpg',2,'commons','photos.example.org','skipped','forgotten','taken down',200,'http://photos.example.org/1.jpg',1,'2026-11-29T12:36:46Z','abababababababababababababababababababababababababababababababab',99,80,60,'JPEG',NULL);
INSERT INTO "candidates" VALUES(3,'cat','http://photos.example.org/2.jpg',3,'commons','photos.example.org','bad','status','404 Not Found',404,NULL,1,'2026-11-29T12:36:46Z',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "candidates" VALUES(4,'cat','http://photos.example.org/3.jpg',4,'commons','photos.example.org','later','timeout','no answer',NULL,NULL,0,'2026-11-29T12:36:46Z',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "candidates" VALUES(5,'cat','http://photos.example.org/4.jpg',5,'commons','photos.example.org','found','','',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "candidates" VALUES(6,'cat','http://photos.example.org/5.jpg',6,'commons','photos.example.org','skipped','licence','no licence is stated',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "candidates" VALUES(7,'dog','http://photos.example.org/0.jpg',1,'openverse','photos.example.org','conflict','','',NULL,NULL,0,'2026-11-29T12:36:46Z','0454e40805599e75ae2b24d946060b46bdcb712ace073ff27fa93435445bcb93',NULL,NULL,NULL,NULL,'cat/0.jpg');
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, photo TEXT NOT NULL, decision TEXT NOT NULL, label TEXT NOT NULL,
    by TEXT NOT NULL, why TEXT NOT NULL, time TEXT NOT NULL, undone TEXT
, check_name TEXT NOT NULL DEFAULT '', batch INTEGER NOT NULL DEFAULT 0);
INSERT INTO "decisions" VALUES(1,'cat/copy.jpg','leave-out','','clean','the same file as cat/1.jpg','2026-11-29T12:36:46Z','2026-11-29T12:36:46Z','exact-duplicate',1);
INSERT INTO "decisions" VALUES(2,'dog/broken.jpg','leave-out','','clean','not a picture (it starts with ''ÿØ no more'')','2026-11-29T12:36:46Z','2026-11-29T12:36:46Z','broken',1);
INSERT INTO "decisions" VALUES(3,'cat/copy.jpg','leave-out','','clean','the same file as cat/1.jpg','2026-11-29T12:36:46Z',NULL,'exact-duplicate',3);
INSERT INTO "decisions" VALUES(4,'dog/again.jpg','leave-out','','clean','nearly dog/2.jpg','2026-11-29T12:36:46Z',NULL,'near-duplicate',3);
INSERT INTO "decisions" VALUES(5,'cat/0.jpg','keep','','review','by hand','2026-11-29T12:36:46Z',NULL,'',5);
INSERT INTO "decisions" VALUES(6,'cat/1.jpg','keep','','review','by hand','2026-11-29T12:36:46Z',NULL,'',5);
INSERT INTO "decisions" VALUES(7,'cat/2.jpg','relabel','dog','review','by hand','2026-11-29T12:36:46Z',NULL,'',7);
INSERT INTO "decisions" VALUES(8,'cat/3.jpg','leave-out','','review','by hand','2026-11-29T12:36:46Z','2026-11-29T12:36:46Z','',8);
INSERT INTO "decisions" VALUES(9,'cat/2.jpg','leave-out','','somebody','blurred: says a friend','2026-11-29T12:36:46Z',NULL,'',0);
INSERT INTO "decisions" VALUES(10,'dog/0.jpg','keep','','clean','exact-duplicate: no','2026-11-29T12:36:46Z',NULL,'',0);
INSERT INTO "decisions" VALUES(11,'dog/1.jpg','leave-out','','','','2026-11-29T12:36:46Z',NULL,'',0);
INSERT INTO "decisions" VALUES(12,'dog/2.jpg','keep','','review by 3','by hand','2026-11-29T12:36:46Z',NULL,'',0);
INSERT INTO "decisions" VALUES(13,'gone.jpg','leave-out','','clean','sharpness 3: limit 9','2026-11-29T12:36:46Z',NULL,'blurred',1);
INSERT INTO "decisions" VALUES(14,'gone-too.jpg','leave-out','','clean','no check at all','2026-11-29T12:36:46Z','2026-11-29T12:36:46Z','',1);
INSERT INTO "decisions" VALUES(15,'dog/5.jpg','keep','','review','by hand','2026-12-01T00:49:41Z','2026-12-01T00:49:41Z','',15);
INSERT INTO "decisions" VALUES(16,'dog/6.jpg','keep','','review','by hand','2026-12-01T00:49:41Z','2026-12-01T00:49:41Z','',15);
INSERT INTO "decisions" VALUES(17,'cat/5.jpg','has','cat','review','by hand','2026-12-01T00:49:41Z',NULL,'',0);
INSERT INTO "decisions" VALUES(18,'dog/7.jpg','leave-out','','clean','too dark','2026-12-01T00:49:41Z',NULL,'dark',18);
CREATE TABLE faces (
    photo TEXT NOT NULL, left REAL NOT NULL, top REAL NOT NULL, right REAL NOT NULL, bottom REAL NOT NULL,
    turn REAL NOT NULL, score REAL NOT NULL, detail TEXT NOT NULL
);
INSERT INTO "faces" VALUES('cat/0.jpg',0.1,0.2,0.3,0.4,5.0,0.9,'{"eyes": [[0.1, 0.2], [0.3, 0.4]]}');
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "facts" VALUES('contact','tests@example.org');
CREATE TABLE findings (
    photo TEXT NOT NULL, check_name TEXT NOT NULL, severity TEXT NOT NULL, value REAL, limit_value REAL,
    reason TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (photo, check_name)
) WITHOUT ROWID;
INSERT INTO "findings" VALUES('cat/0.jpg','found-for-two-classes','likely',NULL,NULL,'also found for ''dog''','{"class": "dog"}');
INSERT INTO "findings" VALUES('cat/copy.jpg','exact-duplicate','certain',NULL,NULL,'the same file as cat/1.jpg','{"of": "cat/1.jpg"}');
INSERT INTO "findings" VALUES('dog/again.jpg','near-duplicate','likely',0.0,8.0,'nearly dog/2.jpg','{"correlation": 0.997, "how": "as it is", "of": "dog/2.jpg"}');
INSERT INTO "findings" VALUES('dog/broken.jpg','broken','certain',NULL,NULL,'not a picture (it starts with ''ÿØ no more'')','{}');
CREATE TABLE forgotten (
    kind TEXT NOT NULL, value TEXT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (kind, value)
) WITHOUT ROWID;
INSERT INTO "forgotten" VALUES('address','http://photos.example.org/1.jpg','2026-11-29T12:36:46Z');
INSERT INTO "forgotten" VALUES('sha256','abababababababababababababababababababababababababababababababab','2026-11-29T12:36:46Z');
CREATE TABLE groups (
    photo TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (photo, kind)
) WITHOUT ROWID;
INSERT INTO "groups" VALUES('cat/0.jpg','parts',1);
INSERT INTO "groups" VALUES('cat/1.jpg','duplicates',1);
INSERT INTO "groups" VALUES('cat/3.jpg','parts',1);
INSERT INTO "groups" VALUES('cat/copy.jpg','duplicates',1);
INSERT INTO "groups" VALUES('dog/2.jpg','duplicates',7);
INSERT INTO "groups" VALUES('dog/again.jpg','duplicates',7);
CREATE TABLE photos (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, format TEXT NOT NULL, changed_ns INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "photos" VALUES('cat/0.jpg','0454e40805599e75ae2b24d946060b46bdcb712ace073ff27fa93435445bcb93',3661,160,120,'JPEG',1795955806142036647);
INSERT INTO "photos" VALUES('cat/1.jpg','86047f0021966c431d270bd4be00628e394c92cd9474efb2285eabc2d3f5d2ce',2794,160,120,'JPEG',1795955806143879594);
INSERT INTO "photos" VALUES('cat/2.jpg','08a6b235f50fa947f3a19e905d2b3dcc44f758a8989e4cd61d297803161c51bd',3279,160,120,'JPEG',1795955806145523435);
INSERT INTO "photos" VALUES('cat/3.jpg','e7d2f696c15301bb46049c488e8815550756dbd9a00776f1bb307bef158750c9',3258,160,120,'JPEG',1795955806147099875);
INSERT INTO "photos" VALUES('cat/copy.jpg','86047f0021966c431d270bd4be00628e394c92cd9474efb2285eabc2d3f5d2ce',2794,160,120,'JPEG',1795955806153568648);
INSERT INTO "photos" VALUES('dog/0.jpg','20a97b74ee66f83293adea63ff1ae44a819006f088d3cae85ae228402209388f',3322,160,120,'JPEG',1795955806148857395);
INSERT INTO "photos" VALUES('dog/1.jpg','01d8a59c7ac6e1768e258f6f1f125ecc28e3385f1f573776120094eebfb61837',4047,160,120,'JPEG',1795955806150382258);
INSERT INTO "photos" VALUES('dog/2.jpg','8151cd689ff556a526a771e3e7ee0191f066ee650fe1b712d7006c30ed7b7826',3645,160,120,'JPEG',1795955806151797568);
INSERT INTO "photos" VALUES('dog/3.jpg','9216997603a7446e1917fb9484802bd0b53d59781c239511dbe797aa0e01d245',3239,160,120,'JPEG',1795955806153224024);
INSERT INTO "photos" VALUES('dog/again.jpg','c677c70fd6069c06d476328db6b4102bdd332bc40d41143a3c1d525de8f91aa7',1933,80,60,'JPEG',1795955806155209274);
INSERT INTO "photos" VALUES('dog/broken.jpg','3edadf9d1f47edec4c212e9efa1a15ef2b5efccde8df7b669d990235b72857eb',10,0,0,'',1795955806153826302);
CREATE TABLE searches (
    class TEXT NOT NULL, source TEXT NOT NULL, words TEXT NOT NULL, cursor TEXT NOT NULL,
    pages INTEGER NOT NULL, is_done INTEGER NOT NULL, time TEXT NOT NULL, PRIMARY KEY (class, source, words)
) WITHOUT ROWID;
INSERT INTO "searches" VALUES('cat','commons','cat photo','2',1,0,'2026-11-29T12:36:46Z');
INSERT INTO "searches" VALUES('dog','openverse','dog','',1,1,'2026-11-29T12:36:46Z');
CREATE TABLE sightings (
    candidate INTEGER NOT NULL REFERENCES candidates (id), source TEXT NOT NULL, words TEXT NOT NULL,
    page TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, author_page TEXT NOT NULL,
    licence TEXT NOT NULL, licence_address TEXT NOT NULL, licence_basis TEXT NOT NULL,
    attribution TEXT NOT NULL, restrictions TEXT NOT NULL, thumbnail TEXT NOT NULL,
    width INTEGER, height INTEGER, time TEXT NOT NULL, PRIMARY KEY (candidate, source, words)
) WITHOUT ROWID;
INSERT INTO "sightings" VALUES(1,'commons','cat photo','http://example.org/0','Number 0','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
INSERT INTO "sightings" VALUES(2,'commons','cat photo','http://example.org/1','Number 1','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
INSERT INTO "sightings" VALUES(3,'commons','cat photo','http://example.org/2','Number 2','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
INSERT INTO "sightings" VALUES(4,'commons','cat photo','http://example.org/3','Number 3','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
INSERT INTO "sightings" VALUES(5,'commons','cat photo','http://example.org/4','Number 4','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
INSERT INTO "sightings" VALUES(6,'commons','cat photo','http://example.org/5','Number 5','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
INSERT INTO "sightings" VALUES(7,'openverse','dog','http://example.org/0','Number 0','Ann','','by','','stated','','','',NULL,NULL,'2026-11-29T12:36:46Z');
CREATE INDEX photos_by_content ON photos (sha256);
CREATE INDEX decisions_by_photo ON decisions (photo);
CREATE INDEX faces_by_photo ON faces (photo);
CREATE INDEX candidates_by_state ON candidates (class, state, rank);
CREATE INDEX candidates_by_content ON candidates (sha256);
CREATE INDEX candidates_by_address ON candidates (address);
CREATE INDEX attempts_by_candidate ON attempts (candidate);
CREATE INDEX decisions_by_batch ON decisions (by, batch);
CREATE INDEX findings_by_check ON findings (check_name);
COMMIT;
PRAGMA application_id = 2003329396;
PRAGMA user_version = 2;
