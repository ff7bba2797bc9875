"""What stands between an athlete and the deletion of an upload.

NotFound 404
└── UploadUnknown
Conflict 409
├── UploadUnderWay           it is still being read
└── FileOfSource             a connected provider brought it, and would bring it again
"""

from rowhouse.kernel.errors import Conflict, NotFound


class UploadUnknown(NotFound):
    code, title = "upload_unknown", "There is no such upload among yours, or it is deleted already."


class UploadUnderWay(Conflict):
    code = "upload_under_way"
    title = "This upload is still being read: wait for it, or stop it (POST /api/v1/jobs/{id}/cancel), and delete it then."


class FileOfSource(Conflict):
    code = "file_of_source"
    title = "A connected source holds this file: disconnect the source, or delete the workout instead."
